"""SQLModel tables, one file each. Importing this package registers all of them."""

from llmlora.tables.artifact import ArtifactRow
from llmlora.tables.backup import BackupRow
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.browser_session import BrowserSessionRow
from llmlora.tables.chat_message import ChatMessageRow
from llmlora.tables.chat_session import ChatSessionRow
from llmlora.tables.course_tick import CourseTickRow
from llmlora.tables.dataset import DatasetRow
from llmlora.tables.deployment import DeploymentRow
from llmlora.tables.evaluation import EvaluationRow
from llmlora.tables.event import EventRow
from llmlora.tables.idempotency import IdempotencyRow
from llmlora.tables.job import JobRow
from llmlora.tables.job_dependency import JobDependencyRow
from llmlora.tables.job_group import JobGroupRow
from llmlora.tables.metric_bucket import MetricBucketRow
from llmlora.tables.metric_point import MetricPointRow
from llmlora.tables.need import NeedRow
from llmlora.tables.secret import SecretRow
from llmlora.tables.sweep import SweepRow
from llmlora.tables.trial import TrialRow
from llmlora.tables.upload import UploadRow
from llmlora.tables.webhook import WebhookRow
from llmlora.tables.webhook_delivery import WebhookDeliveryRow
from llmlora.tables.worker import WorkerRow

__all__ = [
    "ArtifactRow",
    "BackupRow",
    "BaseModelRow",
    "BrowserSessionRow",
    "ChatMessageRow",
    "ChatSessionRow",
    "CourseTickRow",
    "DatasetRow",
    "DeploymentRow",
    "EvaluationRow",
    "EventRow",
    "IdempotencyRow",
    "JobDependencyRow",
    "JobGroupRow",
    "JobRow",
    "MetricBucketRow",
    "MetricPointRow",
    "NeedRow",
    "SecretRow",
    "SweepRow",
    "TrialRow",
    "UploadRow",
    "WebhookDeliveryRow",
    "WebhookRow",
    "WorkerRow",
]
