"""What the API takes and answers. Drawn from docs/openapi.json (`./llmlora check --write`)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from llmlora.client.model import Model

ArtifactKind = Literal["base_model", "adapter", "merged_model", "model", "gguf", "onnx", "coreml", "report"]
"""What a job can leave behind."""

DatasetKind = Literal[
    "text.instruction", "text.chat", "text.completion", "text.preference", "text.classify", "table"
]

FailureClass = Literal["input", "diverged", "out_of_memory", "disk_full", "recipe", "infrastructure"]
"""Who has to act. Only `infrastructure` is ever tried again."""

JobState = Literal["pending", "queued", "running", "completed", "failed", "cancelled"]
"""Where a job stands. `completed`, `failed` and `cancelled` are final."""

SourceFormat = Literal["json", "jsonl", "csv", "tsv", "parquet", "zip"]
"""What a file is, by its content."""

TrialOutcome = Literal["waiting", "running", "complete", "pruned", "failed", "cancelled"]
"""What became of a trial. `pruned`: it was stopped because others had done better by then, which is no failure;
`cancelled`: a person has stopped it, or the sweep.
"""

WebhookEvent = Literal["finished", "failed", "cancelled", "deployed", "test"]
"""What a webhook can be told. `test`: a person asked for it."""


class Artifact(Model):
    """Files the run produced, hashed. A directory's hash is `kit.files.sha256_of_tree`; that of the `files` which alone
    count in a directory of somebody else's is `sha256_of_files`.
    """

    facts: dict[str, JsonValue] | None = None
    files: list[str] | None = None
    kind: ArtifactKind | str
    name: str
    path: str
    sha256: str
    size_bytes: int
    type: Literal["artifact"] | None = None


class ArtifactOut(Model):
    """Files that a job made. `download_url` is null for what was published outside the job."""

    created_at: datetime
    download_url: str | None
    epoch: int
    facts: dict[str, JsonValue]
    id: str
    job_id: str
    kind: str
    name: str
    path: str
    sha256: str
    size_bytes: int
    step: int | None


class BaseFit(Model):
    """Of a reference; `fit` null: nothing is known of its size yet."""

    fit: Fit | None
    reference: str


class BaseModelOut(Model):
    """A base model. `state` is `available` for a bundled one before its first use; then most of the rest is null.
    `tasks`: what it can learn, as a recipe's inputs name them.
    """

    architecture: str | None
    context_length: int | None
    created_at: datetime | None
    dtype: str | None
    eos_token: str | None
    gguf_path: str | None
    gguf_sha256: str | None
    id: str | None
    ignored_files: list[str]
    licence: str | None
    linear_layers: dict[str, int] | None
    model_type: str | None
    note: str
    parameters: int | None
    path: str | None
    quantisation: str | None
    reference: str
    revision: str | None
    size_bytes: int | None
    source: str
    state: Literal["registered", "available"] | str
    tags: list[str]
    tasks: list[str]
    template_hash: str | None
    tokenizer_hash: str | None
    vocab_size: int | None
    weights_digest: str | None


class Baseline(Model):
    """What one has without any training, by the same metrics in the same order, e.g. the commonest class for every row."""

    figures: list[Figure]
    name: str
    title: Text


class BatchCreate(Model):
    """Many jobs at once, each as `POST /api/training/jobs` takes it."""

    continue_on_error: bool | None = None
    """false: the first that fails cancels those that have not begun."""
    items: list[JobCreate]
    metric: str | None = None
    """What the best is chosen by; by default the main curve of the recipe."""
    name: str | None = None


class BatchDetail(Model):
    """A batch with all its jobs."""

    best: BatchItem | None
    by_state: dict[str, int]
    continue_on_error: bool
    created_at: datetime
    direction: Literal["minimize", "maximize"] | str | None
    id: str
    items: list[BatchItem]
    metric: str | None
    name: str
    state: Literal["running", "completed", "failed", "cancelled"] | str


class BatchItem(Model):
    """One of its jobs, in the order of the request: the newest, where it was run again. `tries`: how often it was;
    `value`: of the batch's metric.
    """

    config: dict[str, JsonValue]
    failure: Failure | None
    job_id: str
    name: str
    recipe: str
    state: JobState | str
    tries: int
    value: float | None


class BatchOut(Model):
    """A batch. `state`: running while one of its jobs is not over, then failed where one has failed, cancelled where one was
    cancelled, else completed. `best`: the job whose value of `metric` is best in `direction`; null where none can be named.
    """

    best: BatchItem | None
    by_state: dict[str, int]
    continue_on_error: bool
    created_at: datetime
    direction: Literal["minimize", "maximize"] | str | None
    id: str
    metric: str | None
    name: str
    state: Literal["running", "completed", "failed", "cancelled"] | str


class Budget(Model):
    """When no further trial is begun; those that run are waited for. `trials`: so many in all (a grid: all its points);
    `time_s`: after so many seconds, pauses left out; `no_progress`: after so many complete trials without a better one.
    """

    no_progress: int | None = None
    time_s: float | None = None
    trials: int | None = None


class ChatCompletion(Model):
    """A whole answer."""

    choices: list[Choice]
    created: int
    id: str
    model: str
    object: Literal["chat.completion"]
    system_fingerprint: str
    usage: CompletionUsage


class ChatCompletionRequest(Model):
    """`POST /v1/chat/completions`. Parameters from `n` on that differ from their default are refused, not ignored."""

    audio: dict[str, JsonValue] | None = None
    frequency_penalty: float | None = None
    functions: list[JsonValue] | None = None
    logit_bias: dict[str, float] | None = None
    logprobs: bool | None = None
    max_completion_tokens: int | None = None
    max_tokens: int | None = None
    messages: list[CompletionMessage]
    modalities: list[str] | None = None
    model: str
    n: int | None = None
    presence_penalty: float | None = None
    response_format: dict[str, JsonValue] | None = None
    seed: int | None = None
    stop: str | list[str] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: float | None = None
    tools: list[JsonValue] | None = None
    top_logprobs: int | None = None
    top_p: float | None = None


class ChatModelOut(Model):
    """A name to choose. `servable` false: a base model without a GGUF, or one of Ollama's while Ollama is away.

    `kind` `ollama`: one that Ollama has from elsewhere; its id is its digest.
    """

    base_reference: str | None
    created_at: datetime
    engine: Literal["llama_cpp", "ollama", "onnx"] | str
    id: str
    kind: Literal["deployment", "base", "ollama"] | str
    name: str
    servable: bool


class ChatModelsOut(Model):
    """All names to choose: deployments first, the newest first."""

    data: list[ChatModelOut]


class ChatSessionOut(Model):
    """A conversation without its turns."""

    created_at: datetime
    id: str
    models: list[str]
    note: str
    sampling: SamplingOut
    system: str | None
    tags: list[str]
    title: str
    updated_at: datetime


class Checkpoint(Model):
    """A directory that can be resumed from; it exists because its manifest does."""

    path: str
    sha256: str
    size_bytes: int
    step: int
    type: Literal["checkpoint"] | None = None


class CheckpointMetrics(Model):
    """Null: not measured at this step. Validation covers the whole held-out part, so both losses are the same."""

    full_valid_loss: float | None
    full_valid_mean_token_accuracy: None
    step: int
    train_loss: float | None
    train_mean_token_accuracy: None
    valid_loss: float | None
    valid_mean_token_accuracy: None


class Choice(Model):
    """The one answer."""

    finish_reason: str
    index: int
    logprobs: ChoiceLogprobs | None
    message: CompletionAnswer


class ChoiceLogprobs(Model):
    """Log probabilities of an answer's tokens."""

    content: list[ContentLogprob]
    refusal: None


class ClassFigures(Model):
    """One class. `support`: rows that are of it; `predicted`: rows that were taken for it. `f1` with its interval."""

    f1: Figure
    label: str
    precision: float
    predicted: int
    recall: float
    support: int


class ColumnField(Model):
    """A column that a model reads, as a form shows it. `choices`: the categories that it has learned; `example`: a usual cell."""

    choices: list[str] | None = None
    example: bool | float | str | None = None
    name: str
    type: Literal["number", "boolean", "category"] | str


class ColumnsItem(Model):
    """A row of a table that is asked about: its cells by their columns. A column that it does not name is missing."""

    columns: dict[str, bool | float | str | None]
    type: Literal["columns"]


class CompletionAnswer(Model):
    """What the model said."""

    content: str
    refusal: None
    role: Literal["assistant"]


class CompletionExample(Model):
    """A text that goes on. `prompt`: what it goes on from, where the source had one (None: plain text)."""

    completion: str
    prompt: str | None = None
    row: int


class CompletionMessage(Model):
    """One turn. `developer` is OpenAI's newer word for `system`."""

    content: str | list[ContentPart] | None = None
    role: Literal["system", "developer", "user", "assistant", "tool", "function"] | str
    tool_calls: list[JsonValue] | None = None


class CompletionUsage(Model):
    """Counts of tokens."""

    completion_tokens: int
    prompt_tokens: int
    total_tokens: int


class Confusion(Model):
    """`counts[i][j]`: rows of class `labels[i]` that were taken for `labels[j]`. Of rows with one class each."""

    counts: list[list[int]]
    labels: list[str]


class ContentLogprob(Model):
    """A token that was chosen, and the likeliest at its place."""

    bytes_: list[int] = Field(alias="bytes")
    logprob: float
    token: str
    top_logprobs: list[TopLogprob]


class ContentPart(Model):
    """A part of a message. Only `text` can be answered."""

    text: str | None = None
    type: str


class ConversationExample(Model):
    """Turns, of which those of the assistant are learned. `tools`: JSON text of what the assistant may call."""

    messages: list[Message]
    row: int
    tools: str | None = None


class Counts(Model):
    """Rows read = kept + refused. `files`: of an archive, those that the rows came from, in order."""

    files: list[FileCounts] | None = None
    first_refused: list[Refusal]
    kept: int
    read: int
    refused: int
    refused_by_reason: dict[str, int]
    sheet: SheetRows | None = None


class CourseOut(Model):
    """A course in one language, and how many of its goals are reached."""

    audience: str
    goals_done: int
    goals_total: int
    language: Literal["ja", "en"] | str
    level: int
    minutes: int
    """How long it takes, as its first heading says."""
    title: str


class CourseProgress(Model):
    """How far the learner is, by goal, in the order of the course."""

    goals: list[GoalProgress]
    level: int


class CourseTextOut(Model):
    """A course to read: its Markdown as it is written, its sections, goals and steps by the lines of that text.

    Of the HTML comments in `text` nothing is shown.
    """

    audience: str
    goals: list[GoalOut]
    goals_done: int
    goals_total: int
    language: Literal["ja", "en"] | str
    level: int
    minutes: int
    """How long it takes, as its first heading says."""
    sections: list[SectionOut]
    steps: list[StepOut]
    text: str
    title: str


class Curve(Model):
    """Points (x, y) of a line, in the order in which it is drawn; at most `MOST_CURVE_POINTS`."""

    name: str
    points: list[tuple[float, float]]
    title: Text
    x: Text
    y: Text


class DatasetAdded(Model):
    """The dataset of a file. `already_known`: the same bytes read the same way were here before."""

    already_known: bool
    dataset: DatasetOut


class DatasetDetail(Model):
    """One dataset and the jobs that have it as input, newest first, at most 100. `facts`: what its kind tells of all rows,
    e.g. how many each class has; empty where it tells nothing.
    """

    counts: Counts
    created_at: datetime
    encoding: str | None
    facts: dict[str, JsonValue]
    id: str
    ignored_columns: list[str]
    jobs: int
    kind: str
    mapping: dict[str, str]
    name: str
    note: str
    open_jobs: int
    original_name: str
    original_sha256: str
    original_size_bytes: int
    rows_sha256: str
    source_format: str
    tags: list[str]
    used_by: list[str]


class DatasetList(Model):
    """One page of the datasets. Of all that match, on all pages: `total` says how many, `rows` and `size_bytes` how many rows
    they have and how large their files are.
    """

    data: list[UsedDataset]
    next: str | None
    rows: int
    size_bytes: int
    total: int


class DatasetOut(Model):
    """One dataset."""

    counts: Counts
    created_at: datetime
    encoding: str | None
    id: str
    ignored_columns: list[str]
    kind: str
    mapping: dict[str, str]
    name: str
    note: str
    original_name: str
    original_sha256: str
    original_size_bytes: int
    rows_sha256: str
    source_format: str
    tags: list[str]


class DatasetPage(Model):
    """Some rows of a dataset; `next` is the offset of the following page."""

    data: list[ConversationExample | CompletionExample | PreferenceExample | LabelledExample | TableExample]
    next: int | None


class DatasetPreview(Model):
    """What a file would become, judged by its first rows. Nothing was saved."""

    counts: Counts
    examples: list[
        ConversationExample | CompletionExample | PreferenceExample | LabelledExample | TableExample
    ]
    found: Found


class DeliveryOut(Model):
    """One message and how it went. `next_at`: when it is tried again, while it waits."""

    attempts: int
    created_at: datetime
    ended_at: datetime | None
    event: WebhookEvent | str
    id: str
    job_id: str | None
    job_name: str | None
    next_at: datetime | None
    problem: (
        Literal["unreachable", "timed_out", "broken_off", "redirected", "refused", "secret_gone"] | str | None
    )
    state: Literal["waiting", "sending", "delivered", "failed"] | str
    status: int | None


class DeltaEvent(Model):
    """SSE `delta`: the next piece of a model's answer."""

    model: str
    text: str


class DeployRequest(Model):
    """What follows a training: the adapter as GGUF, served and proved."""

    context: int | None = None
    """Tokens of one conversation; by default as long as the training's rows, at least 2048."""
    max_tokens: int | None = None
    """Longest answer that the gates compare; by default as long as those in the data."""
    name: str | None = None
    """Last word of the deployed model's name."""
    prompts: list[str] | None = None
    """Questions of the gates; by default the first rows that are trained, kept beside the adapter."""
    quantization: Literal["f16", "f32", "q8_0"] | str | None = None
    """Number format of the adapter's GGUF."""
    quantize: Literal["none", "q8_0", "q4_K_M", "q4_K_S"] | str | None = None
    """ollama: what the merged model is quantised to; auto then means merged."""
    replace: bool | None = None
    """ollama: replace a model that has the name."""
    route: Literal["auto", "adapter", "merged"] | str | None = None
    """ollama: the base with the adapter beside it, or one merged model; auto: the first where the server takes adapters."""
    tag: str | None = None
    """ollama: the model's name there; by default llmlora/<job>:<form>, numbered where another has it."""
    target: Literal["llama_cpp", "ollama", "onnx"] | str | None = None


class DeployedFiles(Model):
    """Everything that serves a deployment. Paths are relative to the data root, or absolute.

    `base_quantisation` is `trained_gguf` where the very file is served that was trained on, else the export's outtype.
    """

    adapter_dir: str | None
    adapter_gguf: str | None
    adapter_sha256: str | None
    base_gguf: str
    base_quantisation: str
    chat_template: str | None
    n_ctx: int
    prints: dict[str, FilePrint] | None = None


class DeployedPredictor(Model):
    """A model that predicts, exported to a directory. `model_sha256` names it and, by its metadata, labels and how it reads.
    `columns` and `target`: of a model of tables, what it reads and what it predicts.
    `prints`: by path, how the files were when they were proved.
    """

    columns: list[ColumnField] | None = None
    input: Literal["text", "columns"] | str
    labels: list[str]
    max_length: int
    model_sha256: str
    onnx: str
    prints: dict[str, FilePrint]
    target: str | None = None
    task: Literal["single_label", "multi_label", "number"] | str


class DeploymentList(Model):
    """One page of the deployments. `total`: how many match, on all pages; changed and gone ones count as ready."""

    data: list[DeploymentOut]
    next: str | None
    total: int


class DeploymentOut(Model):
    """A deployment: `files` that llama.cpp serves, a `tag` in Ollama, or a `predictor` that ONNX Runtime serves.

    `gates` null: not checked yet; `base_reference` null: its base model is no longer registered. `changed` and `gone` are
    those that were ready and are no longer what was proved; `deviation` says what happened.
    """

    base_model_id: str | None
    base_reference: str | None
    created_at: datetime
    deviation: Deviation | None = None
    files: DeployedFiles | None
    gates: dict[str, JsonValue] | None
    id: str
    job_id: str | None
    name: str
    note: str
    predictor: DeployedPredictor | None = None
    ready_at: datetime | None
    state: Literal["checking", "ready", "rejected", "changed", "gone"] | str
    tag: RegisteredTag | None
    tags: list[str]
    target: Literal["llama_cpp", "ollama", "onnx"] | str
    training_job_id: str | None


class Deviation(Model):
    """What has become of a deployment that was proved: changed outside, or gone. `parts`: what differs."""

    code: str
    en: str
    ja: str
    parts: list[Literal["weights", "adapter", "settings", "file", "unknown"] | str]
    state: Literal["changed", "gone"] | str


class Devices(Model):
    """What can compute. `cpu_cores`: physical ones that this process may use."""

    cpu_cores: int
    cpu_model: str
    gpus: list[GpuOut]
    memory_total_bytes: int


class Difference(Model):
    """A metric of both. `difference`: the first less the other; `low` and `high`: its interval over the same rows, null where
    the metric cannot be told from the outcomes of the rows, or the rows are not the same. `verdict`: `first` or `other`, which
    is the better one beyond chance; `open`: the interval holds 0; null without an interval.
    """

    better: Literal["up", "down"] | str
    difference: float
    first: float
    high: float | None
    low: float | None
    name: str
    other: float
    title: Text
    verdict: Literal["first", "other", "open"] | str | None


class Dimension(Model):
    """The values of one setting that are searched. `int` and `float`: from `low` to `high`, both included, in steps of
    `step` where it is given, or by magnitude (`log`); `categorical`: one of `choices`. `when`: it is set only where another
    setting of the space has this value, or one of these.
    """

    choices: list[bool | int | float | str | None] | None = None
    high: float | None = None
    log: bool | None = None
    low: float | None = None
    step: float | None = None
    type: Literal["int", "float", "categorical"] | str
    when: dict[str, bool | int | float | str | list[bool | int | float | str | None] | None] | None = None


class DiskForecast(Model):
    """Bytes that stay on disk."""

    free_bytes: int | None
    parts: list[Part]
    size_bytes: int | None
    verdict: Literal["fits", "tight", "does_not_fit", "unknown"] | str


class DiskOut(Model):
    """The data directory and its disk. `measured_at`: when `uses` was counted (at most 30 s ago)."""

    data_dir: str
    free_bytes: int | None
    measured_at: datetime
    total_bytes: int | None
    uses: list[DiskUse]


class DiskUse(Model):
    """What one part of the data directory holds."""

    name: Literal["datasets", "models", "jobs", "uploads", "cache", "postgres"] | str
    size_bytes: int


class DoctorOut(Model):
    """The doctor's report. `ok`: nothing fails (warnings do not count)."""

    findings: list[FindingOut]
    ok: bool


class DoneEvent(Model):
    """SSE `done`: a model's answer has ended and is kept as `message`."""

    completion_tokens: int | None
    finish_reason: str
    message: MessageOut
    model: str
    prompt_tokens: int | None
    tokens_per_s: float | None


class DroppedRow(Model):
    """A row that is not trained on, and why."""

    reason: str
    row: int


class ErrorEvent(Model):
    """SSE `error`: a model's answer has failed; what it had said is kept."""

    model: str
    problem: Problem


class EvaluationComparison(Model):
    """Two evaluations. `shared_rows`: rows that both have judged, by the same data set's numbers; `is_same`: those are all rows
    of both. `both_right`, `only_first`, `only_other`, `both_wrong`: of the shared ones.
    """

    both_right: int
    both_wrong: int
    confidence_level: float
    differences: list[Difference]
    first: EvaluationOut
    is_same: bool
    only_first: int
    only_other: int
    other: EvaluationOut
    resamples: int
    shared_rows: int


class EvaluationDetail(Model):
    """One evaluation with all that its page shows. `several`: a row may be of several classes, or of none."""

    baseline: Baseline | None
    classes: list[ClassFigures]
    confidence_level: float
    confusion: Confusion | None
    created_at: datetime
    curves: list[Curve]
    dataset_id: str | None
    dataset_name: str | None
    dataset_sha256: str
    figures: list[Figure]
    id: str
    importances: Importances | None = None
    job_id: str
    job_name: str
    kind: str
    labels: list[str]
    mistakes: list[Mistake]
    recipe: str
    resamples: int
    rows: int
    several: bool


class EvaluationImportance(Model):
    """How much worse a figure becomes when the cells of one input are shuffled among the rows (Breiman 2001): the mean of some
    shuffles, and the smallest and the largest of them.
    """

    high: float
    low: float
    name: str
    value: float


class EvaluationList(Model):
    """One page of evaluations."""

    data: list[EvaluationOut]
    next: str | None


class EvaluationOut(Model):
    """An evaluation of a list. `dataset_id` null: the data set has been deleted."""

    created_at: datetime
    dataset_id: str | None
    dataset_name: str | None
    dataset_sha256: str
    figures: list[Figure]
    id: str
    job_id: str
    job_name: str
    kind: str
    recipe: str
    rows: int


class EventPage(Model):
    """Events in order. `next`: what to give as `after`, null when these are the last for now; `over`: for ever.

    `earlier`: what to give as `before` with `tail`, null when there are none before these; `head_seq`: number of the
    job's last event of all, from which to follow it.
    """

    data: list[JobEvent]
    earlier: int | None
    head_seq: int
    next: int | None
    over: bool


class ExcerptOut(Model):
    """Where it was found, when not in the name alone."""

    marks: list[MarkOut]
    of: Literal["tag", "note", "message"] | str
    text: str


class ExtremesOut(Model):
    """The smallest and the largest value of a curve, of those that are finite."""

    max: float
    min: float


class Failure(Model):
    """Why the run failed and what to change. Always the run's last event but for logs."""

    code: str
    en: str
    failure_class: FailureClass | str
    ja: str
    type: Literal["failure"] | None = None


class Figure(Model):
    """A metric over `n` rows. `low` and `high`: its interval of confidence; None where none can be given, e.g. of one row."""

    better: Literal["up", "down"] | str | None = None
    high: float | None = None
    low: float | None = None
    n: int
    name: str
    title: Text
    value: float


class FileCounts(Model):
    """One file of an archive, and its rows. `first_row`: the number that its row 1 has in the data set's count."""

    encoding: str | None
    first_row: int
    format: SourceFormat | str
    kept: int
    mapping: dict[str, str]
    name: str
    read: int
    sheet: SheetRows | None = None


class FileDeleted(Model):
    """What is left of a deleted file."""

    deleted: Literal[True]
    id: str
    object: Literal["file"]


class FileObject(Model):
    """A file of training data: one of our datasets."""

    bytes_: int = Field(alias="bytes")
    created_at: int
    expires_at: int | None
    filename: str
    id: str
    object: Literal["file"]
    purpose: Literal["fine-tune"]
    status: Literal["processed"]
    status_details: str | None


class FilePrint(Model):
    """A file as it was when the gates asked what it serves. `sha256` null: nobody has told it."""

    mtime_ns: int
    sha256: str | None
    size_bytes: int


class Finding(Model):
    """What is to be known before one trains on some rows. `fail`: it would go wrong; `warn`: look at them. `rows`: the first,
    by number, those together that belong together; `count`: how many there are in all.
    """

    code: str
    count: int
    cure: Words
    rows: list[list[int]]
    state: Literal["warn", "fail"] | str
    title: Words


class FindingOut(Model):
    """One line of the doctor's report. The cure is null when all is well, `help_…` where no page of the manual treats it."""

    cure_en: str | None
    cure_ja: str | None
    detail_en: str
    detail_ja: str
    help_en: str | None
    help_ja: str | None
    id: str
    ok: bool
    state: Literal["ok", "warn", "fail"] | str


class FindingsOut(Model):
    """What was found among the rows. `looked_at`: the first so many of them; `compared`: among how many of those one looked
    for rows that are nearly the same.
    """

    compared: int
    data: list[Finding]
    looked_at: int
    total: int


class FineTuningCheckpoint(Model):
    """A point from which `resume` can go on. Its name is not served; only the finished model is."""

    created_at: int
    fine_tuned_model_checkpoint: str
    fine_tuning_job_id: str
    id: str
    metrics: CheckpointMetrics
    object: Literal["fine_tuning.job.checkpoint"]
    step_number: int


class FineTuningEvent(Model):
    """What happened in a job."""

    created_at: int
    data: dict[str, JsonValue] | None
    id: str
    level: Literal["info", "warn", "error"] | str
    message: str
    object: Literal["fine_tuning.job.event"]
    type: Literal["message", "metrics"] | str


class FineTuningJob(Model):
    """One fine-tuning: training, export, deployment and its checks. `succeeded`: the model answers under its name."""

    created_at: int
    error: JobError | None
    estimated_finish: int | None
    fine_tuned_model: str | None
    finished_at: int | None
    hyperparameters: dict[str, JsonValue]
    id: str
    integrations: list[JsonValue]
    metadata: dict[str, str]
    method: Method
    model: str
    object: Literal["fine_tuning.job"]
    organization_id: str
    result_files: list[str]
    seed: int
    status: Literal["validating_files", "queued", "running", "succeeded", "failed", "cancelled"] | str
    trained_tokens: int | None
    training_file: str
    user_provided_suffix: str | None
    validation_file: None


class FineTuningJobCreate(Model):
    """`POST /v1/fine_tuning/jobs`. Further keys are settings of the recipe (what clients send by `extra_body`)."""

    hyperparameters: dict[str, JsonValue] | None = None
    integrations: list[JsonValue] | None = None
    metadata: dict[str, str] | None = None
    method: MethodGiven | None = None
    model: str
    seed: int | None = None
    suffix: str | None = None
    training_file: str
    validation_file: str | None = None


class FinishUpload(Model):
    """How to read the uploaded file; everything may be left out."""

    encoding: str | None = None
    kind: DatasetKind | str | None = None
    mapping: dict[str, str] | None = None
    name: str | None = None


class Finished(Model):
    """The run did all it was asked to, or was cancelled cleanly and saved what it had."""

    outcome: Literal["completed", "cancelled"] | str
    type: Literal["finished"] | None = None


class Fit(Model):
    """Whether a base fits this machine. `verdict`: of training with the first preset; `device`: where it would compute;
    `seconds`: one pass over `examples` of `example_tokens` tokens each, null where nothing honest can be said, `ja` and
    `en` tell the assumption; `serving`: of making a tuned model available and checking it.
    """

    basis: Literal["past_jobs", "measured_cpu", "gpu_figures", "none"] | str
    device: Literal["cpu", "cuda", "mps"] | str
    en: str
    ja: str
    lighter: LighterFit | None
    presets: list[PresetFit]
    seconds: float | None
    serving: Need
    verdict: Literal["fits", "tight", "does_not_fit", "unknown"] | str


class FitList(Model):
    """In the order of the request."""

    data: list[BaseFit]


class Forecast(Model):
    """Memory, time and disk of one job. `memory` is null where the model's size is not known yet. `chosen`: settings that
    the request left to the forecast (`auto`), and those that go with them, as they were chosen; empty while they cannot
    be.
    """

    base_model: str | None
    chosen: dict[str, JsonValue] | None = None
    dataset_id: str | None
    disk: DiskForecast
    lengths: LengthForecast
    memory: MemoryForecast | None
    recipe: str
    time: TimeForecast


class ForecastRequest(Model):
    """What is about to be started."""

    base_model: str | None = None
    """Id or reference; by default the bundled model."""
    config: dict[str, JsonValue] | None = None
    """Settings of the recipe; see GET /api/recipes."""
    dataset_id: str | None = None
    device: Literal["auto", "cpu", "cuda", "mps"] | str | None = None
    recipe: str | None = None


class Found(Model):
    """What the file is."""

    columns: list[str]
    encoding: str | None
    format: SourceFormat | str
    ignored_columns: list[str]
    kind: str
    mapping: dict[str, str]
    mapping_by: Literal["exact", "synonym", "guess", "given"] | str
    size_bytes: int


class FoundModelOut(Model):
    """A model of the hub. What the hub does not tell is null. `id`: of the registered model; `disk`: what is fetched and
    kept; `fit` null: its size is known once it is imported; `obstacle` null: nothing speaks against it so far.
    """

    context_length: int | None
    disk: Need | None
    downloads: int
    fit: Fit | None
    gated: bool
    id: str | None
    languages: list[str]
    licence: str | None
    likes: int
    obstacle: Obstacle | None
    parameters: int | None
    reference: str
    updated_at: datetime | None


class FoundModels(Model):
    """One page of models. `next`: for `after`, null at the end; `examples` and `example_tokens`: what `fit.seconds` are
    for.
    """

    data: list[FoundModelOut]
    endpoint: str
    example_tokens: int
    examples: int
    next: str | None


class FoundOut(Model):
    """A thing that was found. `state`: of a job or a deployment's record; `at`: made, or for a chat last used."""

    at: datetime
    excerpt: ExcerptOut | None
    id: str
    kind: Literal["dataset", "job", "base_model", "deployment", "chat"] | str
    marks: list[MarkOut]
    name: str
    state: str | None
    tags: list[str]


class FoundRow(Model):
    """A row that was looked for. `at`: its place in the data set, from 0."""

    at: int
    example: ConversationExample | CompletionExample | PreferenceExample | LabelledExample | TableExample


class FoundRowsOut(Model):
    """Rows that were looked for, in order. `looked_at`: how many rows this answer has looked at, from its `offset` on; `next`:
    the offset where the search goes on, null where it has reached the end.
    """

    data: list[FoundRow]
    looked_at: int
    next: int | None


class Front(Model):
    """The trials that no other is better than in every objective. With one objective: the best."""

    data: list[TrialOut]
    objectives: list[Objective]


class GoalOut(Model):
    """What finishes a section.

    `words`: of a question its text, of data the name of the file, of a file the kind of artifact, by hand what the
    learner says to have done.
    """

    anchor: str
    kind: Literal["data", "training", "deployment", "question", "file", "backup", "by_hand"] | str
    name: str
    settings: list[SettingOut]
    words: str


class GoalProgress(Model):
    """How it stands with one goal. `ticked_by` null: not reached. `at_work`: a job that will reach it has not ended."""

    at_work: bool
    link: LinkOut | None
    name: str
    ticked_at: datetime | None
    ticked_by: Literal["seen", "hand"] | str | None


class GpuOut(Model):
    """One accelerator now."""

    index: int
    name: str
    total_bytes: int
    used_bytes: int
    utilisation_percent: float | None


class GpuSample(Model):
    """One accelerator of the machine now."""

    index: int
    name: str
    total_bytes: int
    used_bytes: int
    utilisation_percent: float | None


class HealthOut(Model):
    """The process is alive."""

    status: Literal["alive"]


class HubAccessOut(Model):
    """Which hub imports ask, and whether they have a token: `stored` was set here and wins over that of the `settings`."""

    endpoint: str
    token: Literal["none", "stored", "settings"] | str
    token_readable: bool
    token_set_at: datetime | None


class HubTokenIn(Model):
    """A token to keep."""

    token: str


class ImportanceList(Model):
    """By objective."""

    data: list[SweepsImportance]


class Importances(Model):
    """The inputs of a model, the most important first. `figure`: the metric that is compared; `repeats`: shuffles of each."""

    figure: Text
    inputs: list[EvaluationImportance]
    repeats: int


class InferenceServerOut(Model):
    """One server of a model, as the inference process tells it."""

    adapters: list[str]
    alive: bool
    engine: str
    in_use: bool
    last_used: datetime
    model: str
    pid: int
    restarts: int
    rss_bytes: int | None


class InputOut(Model):
    """One input of a recipe: what it may be. `only_where`: the values of settings with which it is read; without any it
    always is. `named`: whether a request names it, under this name in `inputs`.
    """

    artifacts: list[ArtifactKind | str]
    base_model_tasks: list[str]
    dataset_kinds: list[str]
    endpoint: bool
    group: bool
    named: bool
    only_where: dict[str, list[str]]
    required: bool
    title: Words


class JobCancel(Model):
    """How a job ends early."""

    checkpoint: Literal["keep", "discard"] | str | None = None
    """keep: the job can be resumed; discard: its checkpoints are deleted."""


class JobCreate(Model):
    """One job, or with `deploy` a chain of jobs that begins with it."""

    base_export_job_id: str | None = None
    """The job whose base GGUF is deployed."""
    base_model: str | None = None
    """Id or reference (`bundled:…`, `path:…`, `hf:…`, `ollama:…`). A new one is imported by a job of its own."""
    config: dict[str, JsonValue] | None = None
    """Settings of the recipe; see GET /api/recipes."""
    dataset_id: str | None = None
    depends_on: list[str] | None = None
    deploy: DeployRequest | None = None
    device: Literal["auto", "cpu", "cuda", "mps"] | str | None = None
    export_job_id: str | None = None
    """The job whose adapter GGUF is deployed."""
    inputs: dict[str, str] | None = None
    """The recipe's inputs by name (see GET /api/recipes): ids of data sets and jobs, ids or references of base models. The fields above name the usual ones."""
    metadata: dict[str, str] | None = None
    name: str | None = None
    priority: int | None = None
    """Higher ones start first."""
    recipe: str | None = None
    threads: int | None = None
    """Cores the job holds; by default all of a worker's."""
    training_job_id: str | None = None
    """The job whose adapter is exported or deployed."""


class JobDeleted(Model):
    """A job that is no longer known; the bytes that were freed."""

    freed_bytes: int
    id: str


class JobDetail(Model):
    """One job with everything around it. `evaluation_id`: of what it has found on held-out rows, where it has looked."""

    artifacts: list[ArtifactOut]
    attempt: int
    config: dict[str, JsonValue]
    created_at: datetime
    depends_on: list[str]
    desired: Literal["run", "cancel", "prune"] | str
    device: str
    epoch: int
    evaluation_id: str | None
    failure: Failure | None
    finished_at: datetime | None
    forecast: dict[str, JsonValue] | None
    group_id: str
    head_seq: int
    id: str
    inputs: JobInputs
    latest_metrics: dict[str, LatestMetric]
    metadata: dict[str, str]
    name: str
    next_run_at: datetime | None
    note: str
    priority: int
    progress: ProgressOut | None
    recipe: str
    reports: dict[str, dict[str, JsonValue]]
    resumes_job_id: str | None
    stages: list[JobStage]
    started_at: datetime | None
    state: JobState | str
    tags: list[str]
    threads: int | None


class JobDuplicate(Model):
    """What is different in the copy."""

    config: dict[str, JsonValue] | None = None
    name: str | None = None


class JobError(Model):
    """Why a job failed and what to change."""

    code: str
    message: str
    param: str | None


class JobEvent(Model):
    """A numbered fact as readers see it. Paths of checkpoints and artifacts are relative to the data root."""

    at: datetime
    body: (
        Progress
        | MetricBatch
        | LogBatch
        | ResourceSample
        | Checkpoint
        | Artifact
        | Report
        | Failure
        | Finished
        | StateChange
    )
    epoch: int
    job_id: str
    seq: int


class JobFiles(Model):
    """What a job keeps on the disk: the bytes that deleting it would free, and who needs it."""

    needs: list[NeedOut]
    size_bytes: int


class JobInputs(Model):
    """What a job works on, by reference: inputs without a field here stand beside them, by their own names."""

    base_export_job_id: str | None = None
    base_model: str | None = None
    dataset_id: str | None = None
    export_job_id: str | None = None
    training_job_id: str | None = None


class JobOut(Model):
    """One job. `desired` is `cancel` while a running job is being stopped, `prune` where it is a trial that others have beaten."""

    attempt: int
    config: dict[str, JsonValue]
    created_at: datetime
    desired: Literal["run", "cancel", "prune"] | str
    device: str
    epoch: int
    failure: Failure | None
    finished_at: datetime | None
    forecast: dict[str, JsonValue] | None
    group_id: str
    head_seq: int
    id: str
    inputs: JobInputs
    latest_metrics: dict[str, LatestMetric]
    metadata: dict[str, str]
    name: str
    next_run_at: datetime | None
    note: str
    priority: int
    progress: ProgressOut | None
    recipe: str
    resumes_job_id: str | None
    started_at: datetime | None
    state: JobState | str
    tags: list[str]
    threads: int | None


class JobProgress(Model):
    """What a poll needs."""

    desired: Literal["run", "cancel", "prune"] | str
    failure: Failure | None
    head_seq: int
    latest_metrics: dict[str, LatestMetric]
    progress: ProgressOut | None
    state: JobState | str


class JobStage(Model):
    """One job of the same chain."""

    failure: Failure | None
    id: str
    progress: ProgressOut | None
    recipe: str
    state: JobState | str


class JobTotals(Model):
    """What the jobs of a list come to, of all pages. `run_time_s`: how long they have run together; `tokens`: that they
    have learned from; `size_bytes`: of the files that they have left below the data directory.
    """

    by_state: dict[str, int]
    count: int
    run_time_s: float
    size_bytes: int
    tokens: int


class KindOut(Model):
    """A kind of data. `title`: what a sentence calls it; `has_tokens`: its rows can be shown and counted as the tokens of
    a text model; `media`: types of files that its rows can show; `layouts`: the ways in which columns make it.
    """

    has_tokens: bool
    layouts: list[LayoutOut]
    media: list[str]
    name: str
    title: Words


class LabelOut(Model):
    """What a thing is called, its tags and its note."""

    id: str
    kind: Literal["dataset", "job", "base_model", "deployment", "chat"] | str
    name: str
    note: str
    tags: list[str]


class LabelPatch(Model):
    """What changes; what is left out stays. Tags are added and taken away one by one, so that nobody undoes another's."""

    add_tags: list[str] | None = None
    name: str | None = None
    note: str | None = None
    remove_tags: list[str] | None = None


class LabelScore(Model):
    """A label and its share of 1; `is_chosen`: the model means it."""

    is_chosen: bool
    label: str
    score: float


class LabelledExample(Model):
    """A text and its classes, as they are written: one, or several (or none) where a row may have several."""

    labels: list[str]
    row: int
    text: str


class LatestMetric(Model):
    """The newest point of one curve. Where that is no number, `value` is null and `not_finite` says what it is."""

    not_finite: Literal["nan", "inf", "-inf"] | str | None = None
    step: int
    value: float | None


class LayoutOut(Model):
    """One way in which columns make a kind, by the canonical names of its fields."""

    optional: list[str]
    required: list[str]


class Ledger(Model):
    """Counts of one tokenization. Lengths in tokens, after truncation."""

    dropped_by_reason: dict[str, int]
    end_of_turn: str | None
    ends_of_turn: dict[str, int]
    first_dropped: list[DroppedRow]
    length_quantiles: dict[str, float]
    longest: int
    longest_before_truncation: int
    max_length: int
    rows_dropped: int
    rows_end_cut: int
    rows_kept: int
    rows_not_rendered: dict[str, int]
    rows_read: int
    rows_truncated: int
    supervised_tokens: int
    tokens: int
    training_rows: int


class LengthBin(Model):
    """Training rows of `first_tokens` to `last_tokens` tokens, both included."""

    first_tokens: int
    last_tokens: int
    rows: int


class LengthForecast(Model):
    """The data in tokens, as far as it is known."""

    basis: Literal["tokenized", "estimated", "max_length", "none"] | str
    en: str
    ja: str
    longest_row_tokens: int | None
    rows: int | None
    supervised_tokens_per_epoch: int | None
    tokens_per_epoch: int | None


class LighterFit(Model):
    """Settings with which training fits although it does not with those of the first preset."""

    memory: Need
    title: Words


class LinkOut(Model):
    """A page, and what it shows: the learner's own data, training or model."""

    base: str | None = None
    dataset_id: str | None = None
    job_ids: list[str] | None = None
    model: str | None = None
    page: Literal["add_data", "dataset", "new_training", "training", "comparison", "chat", "models"] | str


class ListOfFileObject(Model):
    """`ListOfFileObject` of the API."""

    data: list[FileObject]
    first_id: str | None
    has_more: bool
    last_id: str | None
    object: Literal["list"]


class ListOfFineTuningCheckpoint(Model):
    """`ListOfFineTuningCheckpoint` of the API."""

    data: list[FineTuningCheckpoint]
    first_id: str | None
    has_more: bool
    last_id: str | None
    object: Literal["list"]


class ListOfFineTuningEvent(Model):
    """`ListOfFineTuningEvent` of the API."""

    data: list[FineTuningEvent]
    first_id: str | None
    has_more: bool
    last_id: str | None
    object: Literal["list"]


class ListOfFineTuningJob(Model):
    """`ListOfFineTuningJob` of the API."""

    data: list[FineTuningJob]
    first_id: str | None
    has_more: bool
    last_id: str | None
    object: Literal["list"]


class ListedBaseModel(Model):
    """A base model of a list. `deployments`: how many tuned models were made of it."""

    architecture: str | None
    context_length: int | None
    created_at: datetime | None
    deployments: int
    dtype: str | None
    eos_token: str | None
    gguf_path: str | None
    gguf_sha256: str | None
    id: str | None
    ignored_files: list[str]
    licence: str | None
    linear_layers: dict[str, int] | None
    model_type: str | None
    note: str
    parameters: int | None
    path: str | None
    quantisation: str | None
    reference: str
    revision: str | None
    size_bytes: int | None
    source: str
    state: Literal["registered", "available"] | str
    tags: list[str]
    tasks: list[str]
    template_hash: str | None
    tokenizer_hash: str | None
    vocab_size: int | None
    weights_digest: str | None


class ListedJobOut(Model):
    """A job of a list. `extremes`: of its curves, by metric; `dataset_rows` and `base_reference` are null where the data
    set or the base model is gone.
    """

    attempt: int
    base_reference: str | None
    config: dict[str, JsonValue]
    created_at: datetime
    dataset_rows: int | None
    desired: Literal["run", "cancel", "prune"] | str
    device: str
    epoch: int
    extremes: dict[str, ExtremesOut]
    failure: Failure | None
    finished_at: datetime | None
    forecast: dict[str, JsonValue] | None
    group_id: str
    head_seq: int
    id: str
    inputs: JobInputs
    latest_metrics: dict[str, LatestMetric]
    metadata: dict[str, str]
    name: str
    next_run_at: datetime | None
    note: str
    priority: int
    progress: ProgressOut | None
    recipe: str
    resumes_job_id: str | None
    started_at: datetime | None
    state: JobState | str
    tags: list[str]
    threads: int | None


class LogBatch(Model):
    """One line for a person. `step`: it tells the figures of that step, which a `metrics` event has told programs."""

    level: Literal["debug", "info", "warning", "error"] | str
    message: str
    step: int | None = None
    type: Literal["log"] | None = None


class LogLine(Model):
    """One log line with the number of its event. `step`: it tells the figures of that step."""

    at: datetime
    epoch: int
    level: Literal["debug", "info", "warning", "error"] | str
    message: str
    seq: int
    step: int | None


class LogPage(Model):
    """Log lines in order. `next`: what to give as `after`, null when these are the last for now; `earlier`: what to
    give as `before`, null when there are none before these; `head_seq`: number of the job's last event of all.
    """

    data: list[LogLine]
    earlier: int | None
    head_seq: int
    next: str | None


class MachineOut(Model):
    """What bases are judged against."""

    device: Literal["cpu", "cuda", "mps"] | str
    disk_free_bytes: int | None
    free_bytes: int
    name: str
    total_bytes: int


class MarkOut(Model):
    """A part of a text that was searched for: from the character `start` to before `end`, in code points."""

    end: int
    start: int


class MemoryForecast(Model):
    """Peak on the device. `precision`: in which the weights are kept. `recompute`: gradient checkpointing will be on. `longest_pass_tokens`: the largest batch."""

    device: Literal["cpu", "cuda", "mps"] | str
    free_bytes: int
    longest_pass_tokens: int
    parts: list[Part]
    peak_bytes: int
    precision: Literal["fp32", "bf16", "fp16"] | str
    recompute: bool
    total_bytes: int
    verdict: Literal["fits", "tight", "does_not_fit", "unknown"] | str


class MentionOut(Model):
    """Somebody who stays, but names what would be gone: a chat with a model, a job that has read its data."""

    id: str
    kind: Literal["chat", "job"] | str
    name: str


class Message(Model):
    """One turn. `tool_calls` is JSON text (Arrow cannot hold arguments whose types differ by row)."""

    content: str
    name: str | None = None
    reasoning: str | None = None
    role: Literal["system", "user", "assistant", "tool"] | str
    tool_call_id: str | None = None
    tool_calls: str | None = None
    train: bool | None = None


class MessageOut(Model):
    """One turn. A question has role `user` and no model; the answers to it share the next position.

    `finish_reason`: `stop` (the model ended its turn), `length`, `stopped` (by a person), `error`.
    """

    asked: list[str] | None
    """Of a question: the models that were asked, in their order; some may have said nothing."""
    completion_tokens: int | None
    content: str
    created_at: datetime
    finish_reason: str | None
    id: str
    model: str | None
    position: int
    prompt_tokens: int | None
    role: Literal["user", "assistant"] | str
    sampling: SamplingOut | None
    tokens_per_s: float | None


class Method(Model):
    """As asked for."""

    supervised: SupervisedMethod
    type: Literal["supervised"]


class MethodGiven(Model):
    """How to train: a method that some recipe answers; others are taken apart only to be refused by name."""

    dpo: JsonValue | None = None
    reinforcement: JsonValue | None = None
    supervised: SupervisedGiven | None = None
    type: str | None = None


class MetricBatch(Model):
    """Points of one optimizer step; names are `<split>/<metric>` or plain.

    `not_finite`: figures of the step that are no numbers, in words, since JSON has none for them.
    """

    not_finite: dict[str, Literal["nan", "inf", "-inf"] | str] | None = None
    step: int
    type: Literal["metrics"] | None = None
    values: dict[str, float]


class MetricOut(Model):
    """A curve. Those with the same `chart` are drawn together. `main`: drawn in small in lists; `tile`: among a job's
    figures, as its last value or its largest; `sparse`: never smoothed; `drawn`: on the page of a job, not in a comparison
    alone.
    """

    axis: Literal["linear", "log"] | str
    better: Literal["up", "down", "neither"] | str
    chart: str
    drawn: bool
    main: bool
    name: str
    sparse: bool
    tile: Literal["last", "peak"] | str | None
    title: Words
    unit: Literal["none", "loss", "rate", "tokens", "tokens_per_s", "bytes", "epochs"] | str


class MetricsOut(Model):
    """The curves of a job, down-sampled so that no peak is lost."""

    clock: RunClock
    head_seq: int
    series: dict[str, Series]


class Mistake(Model):
    """A row that was taken for something else, the most confident first. `example`: as its kind shows it (`Family.shown`)."""

    example: dict[str, JsonValue]
    outcome: Outcome


class ModelCard(Model):
    """A model by its name."""

    created: int
    id: str
    object: Literal["model"]
    owned_by: str


class ModelList(Model):
    """All models."""

    data: list[ModelCard]
    object: Literal["list"]


class Need(Model):
    """What is needed of memory or disk, against what is free now and what there is."""

    free_bytes: int | None
    needed_bytes: int
    total_bytes: int | None
    verdict: Literal["fits", "tight", "does_not_fit", "unknown"] | str


class NeedOut(Model):
    """Somebody who needs a thing. `state` is that of a job or of a deployment's record."""

    id: str
    kind: Literal["deployment", "job", "base_model"] | str
    name: str
    state: str


class NeededList(Model):
    """Those of the things asked about that there are."""

    data: list[NeededOut]


class NeededOut(Model):
    """A thing that is to be deleted: who needs it (then it cannot be), and who names it. At most 50 of each.

    A job that has not ended needs itself.
    """

    id: str
    mentions: list[MentionOut]
    name: str
    needs: list[NeedOut]


class NewDataset(Model):
    """A dataset written in place: each row an object with the columns of one example."""

    kind: DatasetKind | str | None = None
    mapping: dict[str, str] | None = None
    name: str
    rows: list[dict[str, JsonValue]]


class Objective(Model):
    """What trials are compared by: a curve of the recipe, or a figure of its evaluation on held-out rows. `value`: the last
    one that was reported, or the best.
    """

    direction: Literal["minimize", "maximize"] | str
    metric: str
    value: Literal["last", "best"] | str | None = None


class Obstacle(Model):
    """Why a model cannot be imported, in the words of the error that an import would end with."""

    code: str
    en: str
    ja: str


class OllamaBase(Model):
    """Whether one can train on the very weights. `reference`: how a job names them; null where they are out of reach."""

    reason_en: str | None
    reason_ja: str | None
    reference: str | None


class OllamaCheckOut(Model):
    """Whether Ollama has a model. `name`: in full; `pull_job_id`: a job is getting it now."""

    installed: bool
    model: OllamaModelOut | None
    name: str
    pull_job_id: str | None


class OllamaDetailsOut(Model):
    """What Ollama tells about one model. Digests are sha256 of the weights and the adapters."""

    adapter_digests: list[str]
    architecture: str | None
    capabilities: list[str]
    context_length: int | None
    family: str | None
    licence: str
    model_digest: str | None
    name: str
    parameter_size: str | None
    parameters: dict[str, list[str]]
    quantisation: str | None
    system: str
    template: str


class OllamaModelOut(Model):
    """A model that Ollama has. `deployment_id`: it was registered by this studio; `seal`: what it is made of.

    `is_changed`: it was registered by this studio, and the name stands for something else since.
    """

    base: OllamaBase
    context_length: int | None
    deployment_id: str | None
    digest: str
    family: str | None
    is_changed: bool
    modified_at: datetime | None
    name: str
    parameter_size: str | None
    quantisation: str | None
    seal: dict[str, JsonValue] | None
    size_bytes: int


class OllamaModelsOut(Model):
    """Everything Ollama has, newest first; `data` is empty while it does not run."""

    data: list[OllamaModelOut]
    ollama: OllamaStatus
    size_bytes: int


class OllamaStatus(Model):
    """`running`; `absent`: nothing answers at its address; `failing`: something does, but not as Ollama should."""

    base_url: str
    checked_at: datetime
    detail_en: str | None
    detail_ja: str | None
    is_old: bool
    state: Literal["running", "absent", "failing"] | str
    version: str | None


class OpenAIError(Model):
    """An error below `/v1`."""

    error: OpenAIErrorDetail


class OpenAIErrorDetail(Model):
    """What OpenAI's clients read of an error."""

    code: str | None
    message: str
    param: str | None
    type: str


class Outcome(Model):
    """One row: what it is and what it was taken for. `confidence`: of the prediction, 0 to 1."""

    confidence: float
    correct: bool
    expected: list[str]
    predicted: list[str]
    row: int


class OutcomePage(Model):
    """Rows that match, in their order; `total`: how many there are in all."""

    data: list[Outcome]
    total: int


class PageOfArtifactOut(Model):
    """`PageOfArtifactOut` of the API."""

    data: list[ArtifactOut]
    next: str | None


class PageOfBatchOut(Model):
    """`PageOfBatchOut` of the API."""

    data: list[BatchOut]
    next: str | None


class PageOfCourseOut(Model):
    """`PageOfCourseOut` of the API."""

    data: list[CourseOut]
    next: str | None


class PageOfDeliveryOut(Model):
    """`PageOfDeliveryOut` of the API."""

    data: list[DeliveryOut]
    next: str | None


class PageOfKindOut(Model):
    """`PageOfKindOut` of the API."""

    data: list[KindOut]
    next: str | None


class PageOfListedBaseModel(Model):
    """`PageOfListedBaseModel` of the API."""

    data: list[ListedBaseModel]
    next: str | None


class PageOfListedJobOut(Model):
    """`PageOfListedJobOut` of the API."""

    data: list[ListedJobOut]
    next: str | None


class PageOfPresetOut(Model):
    """`PageOfPresetOut` of the API."""

    data: list[PresetOut]
    next: str | None


class PageOfRecipeOut(Model):
    """`PageOfRecipeOut` of the API."""

    data: list[RecipeOut]
    next: str | None


class PageOfSweepOut(Model):
    """`PageOfSweepOut` of the API."""

    data: list[SweepOut]
    next: str | None


class PageOfTrialOut(Model):
    """`PageOfTrialOut` of the API."""

    data: list[TrialOut]
    next: str | None


class PageOfWebhookOut(Model):
    """`PageOfWebhookOut` of the API."""

    data: list[WebhookOut]
    next: str | None


class Part(Model):
    """One share of a sum, and where it comes from."""

    en: str
    ja: str
    name: str
    size_bytes: int


class PredictedItem(Model):
    """What a model says of one item: labels with their shares, the likeliest first, or a `number`. `is_cut`: it was longer than
    the model reads; `tokens`: those that it has read of a text.
    """

    is_cut: bool
    labels: list[LabelScore]
    number: float | None = None
    tokens: int


class PredictionOut(Model):
    """Outcomes in the order of the items. `model_sha256`: of the file that has answered; `model_ms`: its time alone;
    `total_ms`: until the answer was there, a session that had to start included.
    """

    data: list[PredictedItem]
    deployment_id: str
    model_ms: float
    model_sha256: str
    name: str
    task: Literal["single_label", "multi_label", "number"] | str
    total_ms: float


class PredictionRequest(Model):
    """Items that a model is asked about at once."""

    items: list[TextItem | ColumnsItem]


class PreferenceExample(Model):
    """Turns and two answers to them, of which one is preferred."""

    chosen: str
    messages: list[Message]
    rejected: str
    row: int


class PresetFit(Model):
    """Whether training with a preset fits, with rows as long as it allows. `first`: what the form begins with."""

    first: bool
    memory: Need
    name: str
    title: Words


class PresetOut(Model):
    """A good beginning: what it sets, over the recipe's defaults. `first`: what a form begins with."""

    first: bool
    name: str
    summary: Words
    title: Words
    values: dict[str, JsonValue]


class Problem(Model):
    """RFC 9457. `code` is stable; `detail` says, in the client's language, what to change; `type` is its page of the manual."""

    code: str
    detail: str
    errors: list[ProblemField]
    instance: str
    request_id: str | None
    status: int
    title: str
    type: str


class ProblemField(Model):
    """One field of the request that has to change."""

    detail: str
    pointer: str


class Progress(Model):
    """How far the run is. `eta_s` is null until it can be known."""

    done: int
    eta_s: float | None = None
    stage: str
    total: int
    type: Literal["progress"] | None = None
    unit: str


class ProgressOut(Model):
    """How far the current stage is. `eta_s` is null until it can be known."""

    done: int
    eta_s: float | None
    stage: str
    total: int
    unit: str


class Pruner(Model):
    """When a trial is stopped that does worse than others did by then, by what it reports on its way.

    `metric`: by default the first objective. `startup_trials`: so many have to be complete before any is stopped;
    `warmup_steps`: nothing is decided up to this step. median: worse than the median of the others at the same step.
    asha: at steps `min_steps`, `min_steps`·`reduction`, … only the best of every `reduction` go on (Li et al. 2018); hyperband:
    the same in brackets that begin later (Li et al. 2016). patience: no better for `patience` steps.
    wilcoxon: the signed-rank test over the same steps (folds) says that the best so far is better, at level `p`.
    """

    brackets: int | None = None
    metric: str | None = None
    min_steps: int | None = None
    name: Literal["none", "median", "asha", "hyperband", "patience", "wilcoxon"] | str | None = None
    p: float | None = None
    patience: int | None = None
    reduction: int | None = None
    startup_trials: int | None = None
    warmup_steps: int | None = None


class QuestionAgainIn(Model):
    """A question asked anew, in other words (`content`) or, without them, in the same."""

    content: str | None = None
    models: list[str] | None = None
    sampling: SamplingIn | None = None


class QuestionIn(Model):
    """A question. `models` and `sampling` hold for this turn only; left out: the conversation's own."""

    content: str
    models: list[str] | None = None
    sampling: SamplingIn | None = None


class QueueOut(Model):
    """Jobs by state, and how long the oldest queued one has waited."""

    cancelled: int
    completed: int
    failed: int
    oldest_queued_s: float | None
    pending: int
    queued: int
    running: int


class ReadyOut(Model):
    """Requests can be served. `degraded` lists what is away and would not be missed for good.

    `ollama` need not be there.
    """

    degraded: list[Literal["valkey"]]
    ollama: Literal["running", "absent", "failing"] | str
    status: Literal["ready", "degraded"] | str


class RecipeOut(Model):
    """A recipe. `default`: what a request without a recipe means; `method`: the fine-tuning of OpenAI's API that it
    answers; `pulls`: the engine that it has pull a model. `config_schema` is JSON Schema 2020-12; its properties carry
    `title`, `title_ja`, `description_ja`, `group` and `key` (a form shows it without opening anything).

    `short`: its name in a chain of jobs; `steps`: the boxes of the strip over a job's page; `charts`: what charts are called;
    `facts`: settings under a job's title; `reports`: those that it leaves, as far as
    pages draw them.

    `defaults` holds every setting that has one; those without have to be given.
    """

    artifacts: list[ArtifactKind | str]
    charts: dict[str, Words]
    config_schema: dict[str, JsonValue]
    dataset_kinds: list[str]
    default: bool
    defaults: dict[str, JsonValue]
    deploys: TargetOut | None
    facts: list[str]
    family: str
    gpu: Literal["no", "optional", "required"] | str
    inputs: dict[str, InputOut]
    lane: Literal["compute", "light", "waiting"] | str
    method: str | None
    metrics: list[MetricOut]
    name: str
    pulls: str | None
    reports: dict[str, Words]
    required: list[str]
    resumable: bool
    short: Words
    stages: list[StageOut]
    steps: list[RunStepOut]
    summary: Words
    title: Words
    trains: bool


class RecommendedList(Model):
    """The bases, best first: those that fit, of them those that learn within hours, then those that know Japanese best. `examples` and
    `example_tokens`: what `fit.seconds` are for.
    """

    data: list[RecommendedOut]
    example_tokens: int
    examples: int
    machine: MachineOut


class RecommendedOut(Model):
    """A base that is good to begin with. `id`: of the registered model, null while it is not here; `disk`: what it
    takes, fetched unless it `is_bundled`, against what is free.
    """

    context_length: int
    disk: Need
    fit: Fit
    gated: bool
    has_more_languages: bool
    id: str | None
    is_bundled: bool
    japanese: Literal["main", "among_others", "no"] | str
    languages: list[str]
    licence: str
    maker: str
    name: str
    parameters: int
    purpose: Words
    reference: str
    sources: dict[str, str]


class Refusal(Model):
    """One row that did not enter."""

    column: str | None
    en: str
    file: str | None = None
    ja: str
    line: int | None = None
    reason: str
    row: int


class RegisteredTag(Model):
    """A model that Ollama holds. `seal`: what it is made of, by digest; null until its job has ended well.

    `route` is `auto` until it is known what the server took.
    """

    num_ctx: int
    quantize: str
    route: Literal["auto", "adapter", "merged"] | str
    seal: dict[str, JsonValue] | None = None
    tag: str


class Report(Model):
    """A document about the run: `ledger`, `gates`, `plan`, …"""

    body: dict[str, JsonValue]
    name: str
    type: Literal["report"] | None = None


class ResourceSample(Model):
    """What the run uses now, and what its machine has left. `cpu_percent`: 100 is one core."""

    cpu_percent: float
    device_bytes: int | None = None
    disk_free_bytes: int | None = None
    gpus: list[GpuSample] | None = None
    machine_cpu_percent: float | None = None
    memory_total_bytes: int | None = None
    memory_used_bytes: int | None = None
    rss_bytes: int
    type: Literal["resources"] | None = None


class ResourcesOut(Model):
    """The machine now. `cpu_percent`: 100 is all cores."""

    at: datetime
    cpu_percent: float
    disk_free_bytes: int | None
    disk_total_bytes: int | None
    gpus: list[GpuOut]
    memory_total_bytes: int
    memory_used_bytes: int


class RunClock(Model):
    """How long a job had run when some of its steps were measured; in between it is straight.

    Waiting does not count, and what a resumed job's predecessors took does. `at`: a moment, while it runs, by which it
    had run for `at_s`; null when it does not, and `at_s` is the whole. `waited_s`: the pauses that were left out.
    """

    at: datetime | None
    at_s: float
    seconds: list[float]
    steps: list[int]
    waited_s: float


class RunStepOut(Model):
    """A box of the strip over a job's page. `does_where`: other words than `does`, by setting and its value; `since`: the
    stage that it begins with; `until_served`: over as soon as the tuned model can be asked.
    """

    does: Words
    does_where: dict[str, dict[str, Words]]
    name: str
    since: str | None
    title: Words
    until_served: bool


class SamplingIn(Model):
    """How tokens are chosen. Temperature 0 is greedy; `seed` null: another one each time."""

    max_tokens: int | None = None
    seed: int | None = None
    stop: list[str] | None = None
    temperature: float | None = None
    top_p: float | None = None


class SamplingOut(Model):
    """How tokens are chosen."""

    max_tokens: int
    seed: int | None
    stop: list[str]
    temperature: float
    top_p: float


class SearchOut(Model):
    """What was found: kind by kind, the best first. `more`: kinds of which there is more than was asked for."""

    data: list[FoundOut]
    more: list[Literal["dataset", "job", "base_model", "deployment", "chat"] | str]


class SectionOut(Model):
    """A heading of the second order. `line` is its line in `text`; `anchor` is the same in both languages."""

    anchor: str
    line: int
    title: str


class Series(Model):
    """One curve. `total`: points there are; `steps` and `values` hold at most about `width` of them."""

    steps: list[int]
    total: int
    values: list[float]


class ServiceOut(Model):
    """One service. `managed`: started by llmlora itself."""

    managed: bool
    name: Literal["postgres", "valkey", "inference", "worker"] | str
    state: Literal["running", "stopped"] | str


class SessionCreate(Model):
    """The secret of `LLMLORA_API_TOKEN`."""

    token: str


class SessionIn(Model):
    """A new conversation. Without a title it takes the first question's words."""

    models: list[str]
    sampling: SamplingIn | None = None
    system: str | None = None
    title: str | None = None


class SessionList(Model):
    """One page of the conversations. Of all of them: `total` says how many, `messages` how many turns they have."""

    data: list[ChatSessionOut]
    messages: int
    next: str | None
    total: int


class SessionOut(Model):
    """Whether this API asks for a token; `signed_in`: this client is let in by a session, which it can end."""

    signed_in: bool
    token_required: bool


class SessionPatch(Model):
    """What changes; what is left out stays. `system` null takes the system prompt away."""

    models: list[str] | None = None
    sampling: SamplingIn | None = None
    system: str | None = None
    title: str | None = None


class SessionWithMessagesOut(Model):
    """A conversation with its turns, by position. `answering`: a question is being answered, to whomever asked it."""

    answering: bool
    created_at: datetime
    id: str
    messages: list[MessageOut]
    models: list[str]
    note: str
    sampling: SamplingOut
    system: str | None
    tags: list[str]
    title: str
    updated_at: datetime


class SettingOut(Model):
    """A setting of a training or an export, as forms call it."""

    name: str
    title: str
    value: JsonValue


class SheetRows(Model):
    """Where rows of a table stand when a spreadsheet shows it: row n in line `header_row + n`, and one further for each of
    `blanks`, the rows before which a blank line stands, that is not above n.
    """

    blanks: list[int]
    header_row: int


class StageOut(Model):
    """A part of a run; `name` is the first word of `progress.stage`. `prepares`: before the work that the job is for."""

    name: str
    prepares: bool
    title: Words


class StateChange(Model):
    """The platform's own fact: a job changed its state. `reason` is a stable word such as `lease_lapsed`."""

    failure: Failure | None = None
    reason: str | None = None
    state: JobState | str
    type: Literal["state"] | None = None


class StepOut(Model):
    """A line of a `studio` block: what to do, by the labels that one sees. `page` and `file` can be linked to."""

    line: int
    op: str
    value: str


class StreamOptions(Model):
    """What a stream carries besides the answer."""

    include_usage: bool | None = None


class SupervisedGiven(Model):
    """`hyperparameters`: n_epochs, batch_size, learning_rate_multiplier, and any setting of the recipe."""

    hyperparameters: dict[str, JsonValue] | None = None


class SupervisedMethod(Model):
    """As asked for."""

    hyperparameters: dict[str, JsonValue]


class SweepCreate(Model):
    """What is tried (as `POST /api/training/jobs` takes it; `config` are the settings that all trials share) and how.

    `space`: settings of the recipe by name, each a list of values, or a range.
    """

    base_export_job_id: str | None = None
    """The job whose base GGUF is deployed."""
    base_model: str | None = None
    """Id or reference (`bundled:…`, `path:…`, `hf:…`, `ollama:…`). A new one is imported by a job of its own."""
    budget: Budget | None = None
    config: dict[str, JsonValue] | None = None
    """Settings of the recipe; see GET /api/recipes."""
    dataset_id: str | None = None
    depends_on: list[str] | None = None
    deploy: DeployRequest | None = None
    device: Literal["auto", "cpu", "cuda", "mps"] | str | None = None
    export_job_id: str | None = None
    """The job whose adapter GGUF is deployed."""
    inputs: dict[str, str] | None = None
    """The recipe's inputs by name (see GET /api/recipes): ids of data sets and jobs, ids or references of base models. The fields above name the usual ones."""
    keep_best: int | None = None
    """So many trials keep their weights; by default all."""
    metadata: dict[str, str] | None = None
    name: str | None = None
    objectives: list[Objective] | None = None
    """By default the main curve of the recipe."""
    parallel: int | None = None
    """Trials that run or wait at a time."""
    priority: int | None = None
    """Higher ones start first."""
    pruner: Pruner | None = None
    recipe: str | None = None
    sampler: Literal["grid", "random", "tpe", "bayesian", "cmaes", "gp"] | str | None = None
    seed: int | None = None
    space: dict[str, list[bool | int | float | str | None] | Dimension]
    threads: int | None = None
    """Cores the job holds; by default all of a worker's."""
    training_job_id: str | None = None
    """The job whose adapter is exported or deployed."""


class SweepExtend(Model):
    """How much further a sweep goes. Of one that has ended on its own, more of what has ended it."""

    no_progress: int | None = None
    """After so many without a better one, from now on."""
    time_s: float | None = None
    """So many seconds more."""
    trials: int | None = None
    """So many trials more."""


class SweepOut(Model):
    """A sweep. `state`: running until it has ended, then completed, failed or cancelled; `best`: its best trial by the first
    objective; `spent_s`: how long it has been active, pauses left out.
    """

    best: TrialOut | None
    budget: Budget
    by_outcome: dict[str, int]
    config: dict[str, JsonValue]
    created_at: datetime
    end_reason: (
        Literal["trials", "time", "no_progress", "exhausted", "cancelled", "same_failure", "sampler_failed"]
        | str
        | None
    )
    ended_at: datetime | None
    failure: Failure | None
    id: str
    inputs: dict[str, str]
    keep_best: int | None
    name: str
    objectives: list[Objective]
    parallel: int
    paused: bool
    pruner: Pruner
    recipe: str
    sampler: Literal["grid", "random", "tpe", "cmaes", "gp"] | str
    seed: int
    space: dict[str, Dimension]
    spent_s: float
    state: Literal["running", "completed", "failed", "cancelled"] | str


class SweepsImportance(Model):
    """What share of the difference between good trials and others each setting makes, the largest first (PED-ANOVA, Watanabe et
    al. 2023). `trials`: how many complete ones it is reckoned of; without settings where these are too few.
    """

    metric: str
    settings: dict[str, float]
    trials: int


class SystemOut(Model):
    """Everything the system page shows. `queue` and `workers` are null while the database is away."""

    devices: Devices
    disk: DiskOut
    inference_servers: list[InferenceServerOut]
    ollama: OllamaStatus
    queue: QueueOut | None
    services: list[ServiceOut]
    versions: Versions
    workers: list[WorkerOut] | None


class TableExample(Model):
    """What is known of a row, by column, and what is to be predicted of it. Cells are as the file writes them; None: missing."""

    features: dict[str, bool | int | float | str | None]
    row: int
    target: bool | int | float | str
    target_name: str


class TagList(Model):
    """Tags in use, in the order of their letters."""

    data: list[TagUse]


class TagUse(Model):
    """A tag and how many things have it, by their kind."""

    tag: str
    uses: dict[str, int]


class TargetOut(Model):
    """Where a recipe that deploys makes a model available: `deploy.target` of a training. `merges`: as one merged model,
    too; `has_tags`: under a name of its own; `chats`: models there take conversations, else they predict;
    `default`: what a deployment without a target means.
    """

    chats: bool
    default: bool
    has_tags: bool
    merges: bool
    name: str
    title: Words


class Text(Model):
    """The same words in both languages."""

    en: str
    ja: str


class TextItem(Model):
    """A text that is asked about."""

    text: str
    type: Literal["text"]


class TimeForecast(Model):
    """How long it runs. `seconds` is null where nothing honest can be said; `ja` and `en` tell the assumption."""

    basis: Literal["past_jobs", "measured_cpu", "gpu_figures", "none"] | str
    en: str
    flops_per_token: float | None
    ja: str
    seconds: float | None
    steps: int | None
    steps_per_epoch: int | None
    tokens: int | None
    tokens_per_s: float | None


class TokenLengthsOut(Model):
    """Lengths of all training rows in tokens, after truncation at `max_length`."""

    base_model: str
    bins: list[LengthBin]
    ledger: Ledger
    max_length: int


class TokenPage(Model):
    """The training texts of some rows; `next` is the row offset of the following page."""

    base_model: str
    data: list[TokenRow]
    max_length: int
    next: int | None


class TokenPiece(Model):
    """Adjacent tokens that all carry loss, or all carry none."""

    text: str
    trained: bool


class TokenRow(Model):
    """One training text. A template that rewrites history makes several of one `row`.

    `tokens`: ids that are kept; `tokens_before_truncation`: of the whole text. `dropped`: why it is not trained on.
    `ends_turn`: every trained answer is trained with its end; False where the cut takes it. `not_rendered`: which of `reasoning`,
    `tool_calls` and `tools` the row holds and the template leaves out. `cut_pieces`: the beginning of what the cut takes, told
    apart as it would have been trained.
    """

    cut_pieces: list[TokenPiece]
    dropped: str | None
    ends_turn: bool
    not_rendered: list[str]
    pieces: list[TokenPiece]
    row: int
    supervised_tokens: int
    tokens: int
    tokens_before_truncation: int
    truncated: bool


class TopLogprob(Model):
    """A token that could have been chosen."""

    bytes_: list[int] = Field(alias="bytes")
    logprob: float
    token: str


class TrialOut(Model):
    """One trial. `values`: of the objectives in their order, where it completed; `weights`: kept, released because others
    were better, or none.
    """

    created_at: datetime
    failure: Failure | None
    finished_at: datetime | None
    job_id: str | None
    job_state: JobState | str | None
    number: int
    outcome: TrialOutcome | str
    point: dict[str, JsonValue]
    progress: ProgressOut | None
    values: list[float] | None
    weights: Literal["kept", "released"] | str


class UploadOut(Model):
    """One upload in pieces and how far it has come."""

    created_at: datetime
    file_name: str
    id: str
    offset_bytes: int
    sha256: str | None
    size_bytes: int


class UsedDataset(Model):
    """One dataset and how many jobs have it as input; `open_jobs`: those of them that have not ended."""

    counts: Counts
    created_at: datetime
    encoding: str | None
    id: str
    ignored_columns: list[str]
    jobs: int
    kind: str
    mapping: dict[str, str]
    name: str
    note: str
    open_jobs: int
    original_name: str
    original_sha256: str
    original_size_bytes: int
    rows_sha256: str
    source_format: str
    tags: list[str]


class Versions(Model):
    """What is installed. `packages`: by distribution name, only those that are there."""

    llama_cpp: str | None
    llmlora: str
    packages: dict[str, str]
    platform: str
    postgresql: str | None
    python: str
    valkey: str | None


class WaitingJobs(Model):
    """The line of jobs that wait for a worker. `data`: the first by id, as they are taken; `length`: of the whole line."""

    data: list[str]
    length: int


class WebhookChange(Model):
    """What is to be different. `secret` null: no longer signed; what is left out stays."""

    enabled: bool | None = None
    events: list[Literal["finished", "failed", "cancelled", "deployed"] | str] | None = None
    language: Literal["ja", "en"] | str | None = None
    pages_url: str | None = None
    secret: str | None = None
    shape: Literal["json", "slack", "discord"] | str | None = None
    url: str | None = None


class WebhookIn(Model):
    """An address to tell. `shape` `auto`: that of the service whose address it is; `pages_url`: the pages as its readers
    reach them, for links; `secret`: to sign with.
    """

    events: list[Literal["finished", "failed", "cancelled", "deployed"] | str] | None = None
    language: Literal["ja", "en"] | str | None = None
    pages_url: str | None = None
    secret: str | None = None
    shape: Literal["auto", "json", "slack", "discord"] | str | None = None
    url: str


class WebhookOut(Model):
    """A webhook. `signature`: `lost` where its secret was sealed with a key that is gone, and has to be set again; until
    then nothing is sent. `from_settings`: it stands in `LLMLORA_WEBHOOK_URLS`, and is changed there.
    """

    created_at: datetime
    enabled: bool
    events: list[WebhookEvent | str]
    from_settings: bool
    id: str
    language: Literal["ja", "en"] | str
    pages_url: str | None
    shape: Literal["json", "slack", "discord"] | str
    signature: Literal["none", "signed", "lost"] | str
    url: str


class Words(Model):
    """The same words in both languages."""

    en: str
    ja: str


class WorkerOut(Model):
    """One worker. `alive`: heard of within 15 s."""

    alive: bool
    host: str
    id: str
    pid: int
    seen_at: datetime
    started_at: datetime
