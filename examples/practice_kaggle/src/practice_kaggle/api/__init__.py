"""The methods of Kaggle's API that competitors use, by the path of their requests."""

from collections.abc import Callable

from ..serialization import Json
from ..site import Site
from . import competitions, datasets, episodes, files, kernels, leaderboard, submissions
from .responses import Content, Redirect, Reply

__all__ = ["METHODS", "Content", "Method", "Redirect", "Reply"]
Method = Callable[[Site, Json], Reply]

_COMPETITIONS = "competitions.CompetitionApiService"
_DATASETS = "datasets.DatasetApiService"
_KERNELS = "kernels.KernelsApiService"
METHODS: dict[str, Method] = {
    "security.OAuthService/IntrospectToken": competitions.introspect_token,
    f"{_COMPETITIONS}/ListCompetitions": competitions.list_competitions,
    f"{_COMPETITIONS}/GetCompetition": competitions.get_competition,
    f"{_COMPETITIONS}/ListCompetitionPages": competitions.list_competition_pages,
    f"{_COMPETITIONS}/ListDataFiles": files.list_data_files,
    f"{_COMPETITIONS}/DownloadDataFiles": files.download_data_files,
    f"{_COMPETITIONS}/DownloadDataFile": files.download_data_file,
    f"{_COMPETITIONS}/StartSubmissionUpload": submissions.start_submission_upload,
    f"{_COMPETITIONS}/CreateSubmission": submissions.create_submission,
    f"{_COMPETITIONS}/CreateCodeSubmission": submissions.create_code_submission,
    f"{_COMPETITIONS}/ListSubmissions": submissions.list_submissions,
    f"{_COMPETITIONS}/GetSubmission": submissions.get_submission,
    f"{_COMPETITIONS}/DownloadSubmission": submissions.download_submission,
    f"{_COMPETITIONS}/ListTeamPublicSubmissions": submissions.list_team_public_submissions,
    f"{_COMPETITIONS}/ListSubmissionEpisodes": episodes.list_submission_episodes,
    f"{_COMPETITIONS}/GetEpisodeReplay": episodes.get_episode_replay,
    f"{_COMPETITIONS}/GetEpisodeAgentLogs": episodes.get_episode_agent_logs,
    f"{_COMPETITIONS}/GetSubmissionLimits": submissions.get_submission_limits,
    f"{_COMPETITIONS}/GetLeaderboard": leaderboard.get_leaderboard,
    f"{_COMPETITIONS}/DownloadLeaderboard": leaderboard.download_leaderboard,
    "blobs.BlobApiService/StartBlobUpload": datasets.start_blob_upload,
    f"{_DATASETS}/CreateDataset": datasets.create_dataset,
    f"{_DATASETS}/CreateDatasetVersion": datasets.create_dataset_version,
    f"{_DATASETS}/GetDatasetStatus": datasets.get_dataset_status,
    f"{_DATASETS}/GetDataset": datasets.get_dataset,
    f"{_DATASETS}/ListDatasetFiles": datasets.list_dataset_files,
    f"{_DATASETS}/DownloadDataset": datasets.download_dataset,
    f"{_KERNELS}/SaveKernel": kernels.save_kernel,
    f"{_KERNELS}/GetKernel": kernels.get_kernel,
    f"{_KERNELS}/GetKernelSessionStatus": kernels.get_kernel_session_status,
    f"{_KERNELS}/ListKernelSessionOutput": kernels.list_kernel_session_output,
}
