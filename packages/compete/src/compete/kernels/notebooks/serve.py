# %%
# The competition's own server asks for predictions batch by batch, and must be started within
# fifteen minutes: the models are loaded when the first batch comes.
sys.path.insert(0, str(data))
from compete.kernels.serving import Predictor
from kaggle_evaluation.SERVER_MODULE import SERVER_CLASS

server = SERVER_CLASS(Predictor(project, data).predict)
if os.environ.get("KAGGLE_IS_COMPETITION_RERUN"):
    server.serve()
else:
    server.run_local_gateway((str(data),))
