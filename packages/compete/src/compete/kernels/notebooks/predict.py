# %%
from compete.kernels.runtime import predict

print(predict(project, data, WORKING))
