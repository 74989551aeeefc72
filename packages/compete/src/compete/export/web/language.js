// Texts and tokens, as the tasks on texts read them in Python.
const tokenizers = {};

/** Make the tokenizers of the demo's assets. */
function loadTokenizers({ libraries, assets }) {
  for (const [name, bytes] of Object.entries(assets)) {
    tokenizers[name] = new libraries.tokenizers.Tokenizer(...JSON.parse(new TextDecoder().decode(bytes)));
  }
}

/** Return a text in NFC, without control characters and with single spaces. */
function normalizeText(text) {
  return text.normalize("NFC").replace(/[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff]/gu, "").replace(/\s+/gu, " ").trim();
}
