"""What the templates do beside rendering: check the machine and the answers, finish a project.

cookiecutter runs nothing here by itself, so no file may be named like one of its hooks.
`competition_answers.py` in the template's folder loads this package before the first question, and
`hooks/post_gen_project.py` there calls it once the files are written.
"""
