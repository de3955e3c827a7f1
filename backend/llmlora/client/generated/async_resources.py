"""Every operation of the API, a namespace a class. Drawn from docs/openapi.json (`./llmlora check --write`)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import httpx
from pydantic import JsonValue

from llmlora.client.async_transport import AsyncTransport
from llmlora.client.calls import OMIT, Call, File, Omit, ServerSentEvent, quoted
from llmlora.client.generated.models import (
    ArtifactOut,
    BaseModelOut,
    BatchDetail,
    BatchOut,
    Budget,
    ChatCompletion,
    ChatModelsOut,
    ChatSessionOut,
    ColumnsItem,
    CompletionMessage,
    CourseProgress,
    CourseTextOut,
    DatasetAdded,
    DatasetDetail,
    DatasetKind,
    DatasetList,
    DatasetPage,
    DatasetPreview,
    DeliveryOut,
    DeploymentList,
    DeploymentOut,
    DeployRequest,
    Dimension,
    DoctorOut,
    EvaluationComparison,
    EvaluationDetail,
    EvaluationList,
    EvaluationOut,
    EventPage,
    FileDeleted,
    FileObject,
    FindingsOut,
    FineTuningJob,
    FitList,
    Forecast,
    FoundModelOut,
    FoundModels,
    FoundRowsOut,
    Front,
    HealthOut,
    HubAccessOut,
    ImportanceList,
    JobCreate,
    JobDeleted,
    JobDetail,
    JobEvent,
    JobFiles,
    JobOut,
    JobProgress,
    JobState,
    JobTotals,
    LabelOut,
    ListedBaseModel,
    ListedJobOut,
    ListOfFileObject,
    ListOfFineTuningCheckpoint,
    ListOfFineTuningEvent,
    ListOfFineTuningJob,
    LogPage,
    MethodGiven,
    MetricsOut,
    ModelCard,
    ModelList,
    NeededList,
    Objective,
    OllamaCheckOut,
    OllamaDetailsOut,
    OllamaModelsOut,
    OutcomePage,
    PageOfArtifactOut,
    PageOfBatchOut,
    PageOfCourseOut,
    PageOfDeliveryOut,
    PageOfKindOut,
    PageOfListedBaseModel,
    PageOfListedJobOut,
    PageOfPresetOut,
    PageOfRecipeOut,
    PageOfSweepOut,
    PageOfTrialOut,
    PageOfWebhookOut,
    PredictionOut,
    Pruner,
    ReadyOut,
    RecipeOut,
    RecommendedList,
    ResourcesOut,
    SamplingIn,
    SearchOut,
    SessionList,
    SessionOut,
    SessionWithMessagesOut,
    StreamOptions,
    SweepOut,
    SystemOut,
    TagList,
    TextItem,
    TokenLengthsOut,
    TokenPage,
    TrialOutcome,
    UploadOut,
    UsedDataset,
    WaitingJobs,
    WebhookOut,
)


class AsyncArtifacts:
    """`client.artifacts`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def download(self, artifact_id: str, to: Path | str) -> Path:
        """A file with ranges and an ETag (its sha256); a directory as ZIP. 304 to those who have it already.

        GET /api/artifacts/{artifact_id}/download
        """
        return await self._transport.file(to, Call("GET", f"/api/artifacts/{quoted(artifact_id)}/download"))

    async def get(self, artifact_id: str) -> ArtifactOut:
        """One artifact.

        GET /api/artifacts/{artifact_id}
        """
        return await self._transport.model(ArtifactOut, Call("GET", f"/api/artifacts/{quoted(artifact_id)}"))

    async def list(self, job_id: str, *, kind: str | None = None) -> PageOfArtifactOut:
        """What a job made, newest first.

        GET /api/training/jobs/{job_id}/artifacts
        """
        return await self._transport.model(
            PageOfArtifactOut,
            Call("GET", f"/api/training/jobs/{quoted(job_id)}/artifacts", query={"kind": kind}),
        )


class AsyncBaseModels:
    """`client.base_models`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def delete(self, model_id: str) -> None:
        """Forget a base model, and delete its files where the import made them; 409 while something needs it.

        DELETE /api/base-models/{model_id}
        """
        return await self._transport.nothing(Call("DELETE", f"/api/base-models/{quoted(model_id)}"))

    async def find(self, *, reference: str) -> BaseModelOut:
        """The base model that a reference means (references hold slashes, so they travel in the query).

        GET /api/base-models/by-reference
        """
        return await self._transport.model(
            BaseModelOut, Call("GET", "/api/base-models/by-reference", query={"reference": reference})
        )

    async def get(self, model_id: str) -> BaseModelOut:
        """One base model by its id.

        GET /api/base-models/{model_id}
        """
        return await self._transport.model(BaseModelOut, Call("GET", f"/api/base-models/{quoted(model_id)}"))

    async def judge(self, *, reference: Sequence[str]) -> FitList:
        """Whether base models fit this machine as it is now; `fit` is null where the size is not known yet.

        GET /api/models/fit
        """
        return await self._transport.model(
            FitList, Call("GET", "/api/models/fit", query={"reference": reference})
        )

    async def list(
        self, *, limit: int | None = None, after: str | None = None, tag: str | None = None
    ) -> PageOfListedBaseModel:
        """The base models, newest first; the bundled one is listed as `available` before its first use.

        GET /api/base-models
        """
        return await self._transport.model(
            PageOfListedBaseModel,
            Call("GET", "/api/base-models", query={"limit": limit, "after": after, "tag": tag}),
        )

    async def list_recommended_bases(self) -> RecommendedList:
        """Base models that are good to begin with, and whether each fits this machine as it is now; nothing is downloaded.

        GET /api/models/recommended
        """
        return await self._transport.model(RecommendedList, Call("GET", "/api/models/recommended"))

    async def search_hub_models(
        self,
        *,
        q: str | None = None,
        language: str | None = None,
        licence: str | None = None,
        task: str | None = None,
        max_parameters: int | None = None,
        gated: bool | None = None,
        sort: Literal["downloads", "likes", "recent"] | None = None,
        limit: int | None = None,
        after: str | None = None,
    ) -> FoundModels:
        """Models of the Hugging Face hub with safetensors, and whether each can be imported and fits this machine. `language`:
        ISO 639-1; `licence` and `task`: as the hub writes them; `max_parameters`: the most weights.

        GET /api/models/search
        """
        return await self._transport.model(
            FoundModels,
            Call(
                "GET",
                "/api/models/search",
                query={
                    "q": q,
                    "language": language,
                    "licence": licence,
                    "task": task,
                    "max_parameters": max_parameters,
                    "gated": gated,
                    "sort": sort,
                    "limit": limit,
                    "after": after,
                },
            ),
        )

    async def iterate(
        self, *, limit: int | None = None, tag: str | None = None
    ) -> AsyncIterator[ListedBaseModel]:
        """What `list` lists, from all pages."""
        after: str | None = None
        while True:
            page = await self.list(limit=limit, tag=tag, after=after)
            for one in page.data:
                yield one
            after = page.next
            if after is None:
                return

    async def iterate_hub_models(
        self,
        *,
        q: str | None = None,
        language: str | None = None,
        licence: str | None = None,
        task: str | None = None,
        max_parameters: int | None = None,
        gated: bool | None = None,
        sort: Literal["downloads", "likes", "recent"] | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[FoundModelOut]:
        """What `search_hub_models` lists, from all pages."""
        after: str | None = None
        while True:
            page = await self.search_hub_models(
                q=q,
                language=language,
                licence=licence,
                task=task,
                max_parameters=max_parameters,
                gated=gated,
                sort=sort,
                limit=limit,
                after=after,
            )
            for one in page.data:
                yield one
            after = page.next
            if after is None:
                return


class AsyncBatches:
    """`client.batches`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def cancel(self, batch_id: str) -> BatchDetail:
        """Cancel every job of a batch that has not ended.

        POST /api/batches/{batch_id}/cancel
        """
        return await self._transport.model(
            BatchDetail, Call("POST", f"/api/batches/{quoted(batch_id)}/cancel")
        )

    async def create(
        self,
        *,
        items: Sequence[JobCreate | Mapping[str, JsonValue]],
        idempotency_key: str | None = None,
        continue_on_error: bool | Omit = OMIT,
        metric: str | Omit | None = OMIT,
        name: str | Omit | None = OMIT,
    ) -> BatchDetail:
        """Create many jobs at once: all of them, or none where one cannot be.

        POST /api/batches
        """
        return await self._transport.model(
            BatchDetail,
            Call(
                "POST",
                "/api/batches",
                headers={"Idempotency-Key": idempotency_key},
                json={"continue_on_error": continue_on_error, "items": items, "metric": metric, "name": name},
                has_key=True,
            ),
        )

    async def get(
        self,
        batch_id: str,
        *,
        metric: str | None = None,
        direction: Literal["minimize", "maximize"] | None = None,
    ) -> BatchDetail:
        """One batch with its jobs, how many are in which state, and the best.

        GET /api/batches/{batch_id}
        """
        return await self._transport.model(
            BatchDetail,
            Call("GET", f"/api/batches/{quoted(batch_id)}", query={"metric": metric, "direction": direction}),
        )

    async def list(self, *, limit: int | None = None, after: str | None = None) -> PageOfBatchOut:
        """Batches, newest first.

        GET /api/batches
        """
        return await self._transport.model(
            PageOfBatchOut, Call("GET", "/api/batches", query={"limit": limit, "after": after})
        )

    async def retry(self, batch_id: str) -> BatchDetail:
        """Run again what has failed, and nothing else.

        POST /api/batches/{batch_id}/retry
        """
        return await self._transport.model(
            BatchDetail, Call("POST", f"/api/batches/{quoted(batch_id)}/retry")
        )

    async def iterate(self, *, limit: int | None = None) -> AsyncIterator[BatchOut]:
        """What `list` lists, from all pages."""
        after: str | None = None
        while True:
            page = await self.list(limit=limit, after=after)
            for one in page.data:
                yield one
            after = page.next
            if after is None:
                return


class AsyncChat:
    """`client.chat`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def change_session(
        self,
        session_id: str,
        *,
        models: Sequence[str] | Omit | None = OMIT,
        sampling: SamplingIn | Mapping[str, JsonValue] | Omit | None = OMIT,
        system: str | Omit | None = OMIT,
        title: str | Omit | None = OMIT,
    ) -> ChatSessionOut:
        """Change title, system prompt, models or sampling.

        PATCH /api/chat/sessions/{session_id}
        """
        return await self._transport.model(
            ChatSessionOut,
            Call(
                "PATCH",
                f"/api/chat/sessions/{quoted(session_id)}",
                json={"models": models, "sampling": sampling, "system": system, "title": title},
            ),
        )

    async def create_session(
        self,
        *,
        models: Sequence[str],
        sampling: SamplingIn | Mapping[str, JsonValue] | Omit = OMIT,
        system: str | Omit | None = OMIT,
        title: str | Omit = OMIT,
    ) -> ChatSessionOut:
        """Begin a conversation.

        POST /api/chat/sessions
        """
        return await self._transport.model(
            ChatSessionOut,
            Call(
                "POST",
                "/api/chat/sessions",
                json={"models": models, "sampling": sampling, "system": system, "title": title},
            ),
        )

    async def delete_session(self, session_id: str) -> None:
        """Forget a conversation.

        DELETE /api/chat/sessions/{session_id}
        """
        return await self._transport.nothing(Call("DELETE", f"/api/chat/sessions/{quoted(session_id)}"))

    async def get_session(self, session_id: str) -> SessionWithMessagesOut:
        """A conversation with its turns.

        GET /api/chat/sessions/{session_id}
        """
        return await self._transport.model(
            SessionWithMessagesOut, Call("GET", f"/api/chat/sessions/{quoted(session_id)}")
        )

    async def list_models(self) -> ChatModelsOut:
        """Models a person may talk to.

        GET /api/chat/models
        """
        return await self._transport.model(ChatModelsOut, Call("GET", "/api/chat/models"))

    async def list_sessions(
        self, *, limit: int | None = None, after: str | None = None, tag: str | None = None
    ) -> SessionList:
        """Conversations, the one used last first.

        GET /api/chat/sessions
        """
        return await self._transport.model(
            SessionList, Call("GET", "/api/chat/sessions", query={"limit": limit, "after": after, "tag": tag})
        )

    def resend_message(
        self,
        session_id: str,
        position: int,
        *,
        content: str | Omit | None = OMIT,
        models: Sequence[str] | Omit | None = OMIT,
        sampling: SamplingIn | Mapping[str, JsonValue] | Omit | None = OMIT,
    ) -> AsyncIterator[ServerSentEvent]:
        """Ask an earlier question anew; what followed it is forgotten. Streams as `send_chat_message`.

        PUT /api/chat/sessions/{session_id}/messages/{position}
        """
        return self._transport.events(
            Call(
                "PUT",
                f"/api/chat/sessions/{quoted(session_id)}/messages/{quoted(position)}",
                json={"content": content, "models": models, "sampling": sampling},
            )
        )

    def send_message(
        self,
        session_id: str,
        *,
        content: str,
        models: Sequence[str] | Omit | None = OMIT,
        sampling: SamplingIn | Mapping[str, JsonValue] | Omit | None = OMIT,
    ) -> AsyncIterator[ServerSentEvent]:
        """Ask, and stream the answers: events `delta`, and `done` or `error` once a model.

        POST /api/chat/sessions/{session_id}/messages
        """
        return self._transport.events(
            Call(
                "POST",
                f"/api/chat/sessions/{quoted(session_id)}/messages",
                json={"content": content, "models": models, "sampling": sampling},
            )
        )

    async def iterate_sessions(
        self, *, limit: int | None = None, tag: str | None = None
    ) -> AsyncIterator[ChatSessionOut]:
        """What `list_sessions` lists, from all pages."""
        after: str | None = None
        while True:
            page = await self.list_sessions(limit=limit, tag=tag, after=after)
            for one in page.data:
                yield one
            after = page.next
            if after is None:
                return


class AsyncCourses:
    """`client.courses`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def download_file(self, level: int, name: str, to: Path | str) -> Path:
        """A picture or a data file of a course; its ETag is its SHA-256.

        GET /api/courses/{level}/files/{name}
        """
        return await self._transport.file(
            to, Call("GET", f"/api/courses/{quoted(level)}/files/{quoted(name)}")
        )

    async def get(self, level: int, *, language: Literal["ja", "en"] | None = None) -> CourseTextOut:
        """A course to read, in Markdown.

        GET /api/courses/{level}
        """
        return await self._transport.model(
            CourseTextOut, Call("GET", f"/api/courses/{quoted(level)}", query={"language": language})
        )

    async def get_progress(self, level: int) -> CourseProgress:
        """How it stands with each goal. What is seen done is kept, and stays done when its data is deleted.

        GET /api/courses/{level}/progress
        """
        return await self._transport.model(
            CourseProgress, Call("GET", f"/api/courses/{quoted(level)}/progress")
        )

    async def list(self, *, language: Literal["ja", "en"] | None = None) -> PageOfCourseOut:
        """All courses, on one page. What is seen done is kept.

        GET /api/courses
        """
        return await self._transport.model(
            PageOfCourseOut, Call("GET", "/api/courses", query={"language": language})
        )

    async def tick_goal(self, level: int, goal: str) -> CourseProgress:
        """Say that something is done which nobody sees.

        PUT /api/courses/{level}/ticks/{goal}
        """
        return await self._transport.model(
            CourseProgress, Call("PUT", f"/api/courses/{quoted(level)}/ticks/{quoted(goal)}")
        )

    async def untick_goal(self, level: int, goal: str) -> CourseProgress:
        """Take that back.

        DELETE /api/courses/{level}/ticks/{goal}
        """
        return await self._transport.model(
            CourseProgress, Call("DELETE", f"/api/courses/{quoted(level)}/ticks/{quoted(goal)}")
        )


class AsyncDatasets:
    """`client.datasets`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def continue_upload(
        self, upload_id: str, *, upload_offset: int, content: bytes, upload_checksum: str | None = None
    ) -> httpx.Headers:
        """Append bytes from `Upload-Offset` on. What arrived before a broken connection is kept.

        PATCH /api/datasets/uploads/{upload_id}
        """
        return await self._transport.headers(
            Call(
                "PATCH",
                f"/api/datasets/uploads/{quoted(upload_id)}",
                headers={"Upload-Offset": upload_offset, "Upload-Checksum": upload_checksum},
                content=content,
            )
        )

    async def create(
        self,
        *,
        name: str,
        rows: Sequence[Mapping[str, JsonValue]],
        kind: DatasetKind | Omit | None = OMIT,
        mapping: Mapping[str, str] | Omit | None = OMIT,
    ) -> DatasetAdded:
        """Make a dataset of rows that are sent as JSON; 200 where it is known already.

        POST /api/datasets
        """
        return await self._transport.model(
            DatasetAdded,
            Call(
                "POST", "/api/datasets", json={"kind": kind, "mapping": mapping, "name": name, "rows": rows}
            ),
        )

    async def create_upload(self, *, upload_length: int, upload_metadata: str | None = None) -> UploadOut:
        """Begin an upload. `Upload-Metadata` may name `filename` and the `sha256` of the whole, in base64.

        POST /api/datasets/uploads
        """
        return await self._transport.model(
            UploadOut,
            Call(
                "POST",
                "/api/datasets/uploads",
                headers={"Upload-Length": upload_length, "Upload-Metadata": upload_metadata},
            ),
        )

    async def describe_uploads(self) -> httpx.Headers:
        """What this server knows of the upload protocol.

        OPTIONS /api/datasets/uploads
        """
        return await self._transport.headers(Call("OPTIONS", "/api/datasets/uploads"))

    async def download_file(self, dataset_id: str, to: Path | str) -> Path:
        """The file as it was added, byte for byte; ranges are served, its ETag is its SHA-256.

        GET /api/datasets/{dataset_id}/file
        """
        return await self._transport.file(to, Call("GET", f"/api/datasets/{quoted(dataset_id)}/file"))

    async def finish_upload(
        self,
        upload_id: str,
        *,
        encoding: str | Omit | None = OMIT,
        kind: DatasetKind | Omit | None = OMIT,
        mapping: Mapping[str, str] | Omit | None = OMIT,
        name: str | Omit | None = OMIT,
    ) -> DatasetAdded:
        """Make a dataset of an upload whose bytes have all arrived; 200 where that dataset is known already.

        POST /api/datasets/uploads/{upload_id}/finish
        """
        return await self._transport.model(
            DatasetAdded,
            Call(
                "POST",
                f"/api/datasets/uploads/{quoted(upload_id)}/finish",
                json={"encoding": encoding, "kind": kind, "mapping": mapping, "name": name},
            ),
        )

    async def get(self, dataset_id: str) -> DatasetDetail:
        """One dataset and the jobs that use it.

        GET /api/datasets/{dataset_id}
        """
        return await self._transport.model(DatasetDetail, Call("GET", f"/api/datasets/{quoted(dataset_id)}"))

    async def list(
        self,
        *,
        limit: int | None = None,
        after: str | None = None,
        kind: DatasetKind | None = None,
        q: str | None = None,
        tag: str | None = None,
        sort: str | None = None,
    ) -> DatasetList:
        """The datasets, newest first, or as `sort` says.

        GET /api/datasets
        """
        return await self._transport.model(
            DatasetList,
            Call(
                "GET",
                "/api/datasets",
                query={"limit": limit, "after": after, "kind": kind, "q": q, "tag": tag, "sort": sort},
            ),
        )

    async def list_data_kinds(self) -> PageOfKindOut:
        """All kinds of data, on one page.

        GET /api/data-kinds
        """
        return await self._transport.model(PageOfKindOut, Call("GET", "/api/data-kinds"))

    async def list_findings(self, dataset_id: str) -> FindingsOut:
        """What `datasets validate` says of the rows: repeats, contradictions, odd rows. Looked for once, then kept.

        GET /api/datasets/{dataset_id}/findings
        """
        return await self._transport.model(
            FindingsOut, Call("GET", f"/api/datasets/{quoted(dataset_id)}/findings")
        )

    async def list_rows(
        self, dataset_id: str, *, offset: int | None = None, limit: int | None = None
    ) -> DatasetPage:
        """Some rows of a dataset as they are trained on.

        GET /api/datasets/{dataset_id}/rows
        """
        return await self._transport.model(
            DatasetPage,
            Call("GET", f"/api/datasets/{quoted(dataset_id)}/rows", query={"offset": offset, "limit": limit}),
        )

    async def list_tokens(
        self,
        dataset_id: str,
        *,
        base_model: str,
        max_length: int | None = None,
        offset: int | None = None,
        limit: int | None = None,
    ) -> TokenPage:
        """Rows as a base model would be trained on them, in pieces with and without loss.

        GET /api/datasets/{dataset_id}/tokens
        """
        return await self._transport.model(
            TokenPage,
            Call(
                "GET",
                f"/api/datasets/{quoted(dataset_id)}/tokens",
                query={"base_model": base_model, "max_length": max_length, "offset": offset, "limit": limit},
            ),
        )

    async def measure_tokens(
        self, dataset_id: str, *, base_model: str, max_length: int | None = None
    ) -> TokenLengthsOut:
        """How long the rows are for a base model, and the ledger a training would begin with.

        GET /api/datasets/{dataset_id}/token-lengths
        """
        return await self._transport.model(
            TokenLengthsOut,
            Call(
                "GET",
                f"/api/datasets/{quoted(dataset_id)}/token-lengths",
                query={"base_model": base_model, "max_length": max_length},
            ),
        )

    async def preview(
        self,
        *,
        upload_id: str,
        encoding: str | Omit | None = OMIT,
        kind: Literal[
            "text.instruction", "text.chat", "text.completion", "text.preference", "text.classify", "table"
        ]
        | Omit
        | None = OMIT,
        mapping: Mapping[str, str] | Omit | None = OMIT,
    ) -> DatasetPreview:
        """What a file, or an upload whose bytes have all arrived, would become. Nothing is saved.

        POST /api/datasets/preview
        """
        return await self._transport.model(
            DatasetPreview,
            Call(
                "POST",
                "/api/datasets/preview",
                json={"encoding": encoding, "kind": kind, "mapping": mapping, "upload_id": upload_id},
            ),
        )

    async def preview_file(
        self,
        *,
        file: File,
        encoding: str | None = None,
        kind: Literal[
            "text.instruction", "text.chat", "text.completion", "text.preference", "text.classify", "table"
        ]
        | None = None,
        mapping: str | None = None,
    ) -> DatasetPreview:
        """What a file, or an upload whose bytes have all arrived, would become. Nothing is saved.

        POST /api/datasets/preview
        """
        return await self._transport.model(
            DatasetPreview,
            Call(
                "POST",
                "/api/datasets/preview",
                form={"encoding": encoding, "file": file, "kind": kind, "mapping": mapping},
            ),
        )

    async def remove(self, dataset_id: str) -> None:
        """Delete a dataset and its files, unless a job that is not over uses it.

        DELETE /api/datasets/{dataset_id}
        """
        return await self._transport.nothing(Call("DELETE", f"/api/datasets/{quoted(dataset_id)}"))

    async def remove_upload(self, upload_id: str) -> None:
        """Give an upload up; its bytes are gone at once.

        DELETE /api/datasets/uploads/{upload_id}
        """
        return await self._transport.nothing(Call("DELETE", f"/api/datasets/uploads/{quoted(upload_id)}"))

    async def search_rows(
        self,
        dataset_id: str,
        *,
        q: str | None = None,
        part: str | None = None,
        shortest: int | None = None,
        longest: int | None = None,
        problem: str | None = None,
        from_row: int | None = None,
        offset: int | None = None,
        limit: int | None = None,
    ) -> FoundRowsOut:
        """Rows that hold some words, are so long, or were found odd. It looks for a moment: `looked_at` says how far it came,
        `next` where it goes on.

        GET /api/datasets/{dataset_id}/search
        """
        return await self._transport.model(
            FoundRowsOut,
            Call(
                "GET",
                f"/api/datasets/{quoted(dataset_id)}/search",
                query={
                    "q": q,
                    "part": part,
                    "shortest": shortest,
                    "longest": longest,
                    "problem": problem,
                    "from_row": from_row,
                    "offset": offset,
                    "limit": limit,
                },
            ),
        )

    async def show_media(
        self, dataset_id: str, sha256: str, to: Path | str, *, thumbnail: bool | None = None
    ) -> Path:
        """A picture or sound that rows of the data set show.

        GET /api/datasets/{dataset_id}/media/{sha256}
        """
        return await self._transport.file(
            to,
            Call(
                "GET",
                f"/api/datasets/{quoted(dataset_id)}/media/{quoted(sha256)}",
                query={"thumbnail": thumbnail},
            ),
        )

    async def show_upload_offset(self, upload_id: str) -> httpx.Headers:
        """How far an upload has come, in `Upload-Offset`.

        HEAD /api/datasets/uploads/{upload_id}
        """
        return await self._transport.headers(Call("HEAD", f"/api/datasets/uploads/{quoted(upload_id)}"))

    async def upload(
        self,
        *,
        file: File,
        encoding: str | None = None,
        kind: Literal[
            "text.instruction", "text.chat", "text.completion", "text.preference", "text.classify", "table"
        ]
        | None = None,
        mapping: str | None = None,
        name: str | None = None,
    ) -> DatasetAdded:
        """Make a dataset of a file; 200 where it is known already. Large files are better sent in pieces.

        POST /api/datasets/upload
        """
        return await self._transport.model(
            DatasetAdded,
            Call(
                "POST",
                "/api/datasets/upload",
                form={"encoding": encoding, "file": file, "kind": kind, "mapping": mapping, "name": name},
            ),
        )

    async def iterate(
        self,
        *,
        limit: int | None = None,
        kind: DatasetKind | None = None,
        q: str | None = None,
        tag: str | None = None,
        sort: str | None = None,
    ) -> AsyncIterator[UsedDataset]:
        """What `list` lists, from all pages."""
        after: str | None = None
        while True:
            page = await self.list(limit=limit, kind=kind, q=q, tag=tag, sort=sort, after=after)
            for one in page.data:
                yield one
            after = page.next
            if after is None:
                return


class AsyncDeployments:
    """`client.deployments`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def delete(self, deployment_id: str) -> None:
        """Forget a deployment whose gates do not run now, and what it has in Ollama; files belong to their jobs and stay.

        DELETE /api/deployments/{deployment_id}
        """
        return await self._transport.nothing(Call("DELETE", f"/api/deployments/{quoted(deployment_id)}"))

    async def deploy_again(self, deployment_id: str) -> JobOut:
        """Register and prove anew what was changed or deleted outside, on the same adapter: the job that does it.

        POST /api/deployments/{deployment_id}/deploy-again
        """
        return await self._transport.model(
            JobOut, Call("POST", f"/api/deployments/{quoted(deployment_id)}/deploy-again")
        )

    async def get(self, deployment_id: str) -> DeploymentOut:
        """One deployment as it is now; of one that was changed outside, what differs.

        GET /api/deployments/{deployment_id}
        """
        return await self._transport.model(
            DeploymentOut, Call("GET", f"/api/deployments/{quoted(deployment_id)}")
        )

    async def list(
        self,
        *,
        state: Literal["checking", "ready", "rejected", "changed", "gone"] | None = None,
        job_id: str | None = None,
        training_job_id: str | None = None,
        name: str | None = None,
        tag: str | None = None,
        limit: int | None = None,
        after: str | None = None,
    ) -> DeploymentList:
        """Deployments as they are now, newest first. With `state`, a page may hold fewer than there are behind it.

        GET /api/deployments
        """
        return await self._transport.model(
            DeploymentList,
            Call(
                "GET",
                "/api/deployments",
                query={
                    "state": state,
                    "job_id": job_id,
                    "training_job_id": training_job_id,
                    "name": name,
                    "tag": tag,
                    "limit": limit,
                    "after": after,
                },
            ),
        )

    async def predict(
        self, deployment_id: str, *, items: Sequence[TextItem | Mapping[str, JsonValue] | ColumnsItem]
    ) -> PredictionOut:
        """What a ready model says of items of the type that it takes: labels with their shares, and who has answered.

        POST /api/deployments/{deployment_id}/predict
        """
        return await self._transport.model(
            PredictionOut,
            Call("POST", f"/api/deployments/{quoted(deployment_id)}/predict", json={"items": items}),
        )

    async def use_anyway(self, deployment_id: str) -> DeploymentOut:
        """Use a rejected deployment all the same; in Ollama it gets the name that was asked for only now.

        POST /api/deployments/{deployment_id}/use-anyway
        """
        return await self._transport.model(
            DeploymentOut, Call("POST", f"/api/deployments/{quoted(deployment_id)}/use-anyway")
        )

    async def iterate(
        self,
        *,
        state: Literal["checking", "ready", "rejected", "changed", "gone"] | None = None,
        job_id: str | None = None,
        training_job_id: str | None = None,
        name: str | None = None,
        tag: str | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[DeploymentOut]:
        """What `list` lists, from all pages."""
        after: str | None = None
        while True:
            page = await self.list(
                state=state,
                job_id=job_id,
                training_job_id=training_job_id,
                name=name,
                tag=tag,
                limit=limit,
                after=after,
            )
            for one in page.data:
                yield one
            after = page.next
            if after is None:
                return


class AsyncEvaluations:
    """`client.evaluations`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def compare(self, evaluation_id: str, *, with_: str) -> EvaluationComparison:
        """Two evaluations: differences, with a paired bootstrap interval where both have judged the same rows.

        GET /api/evaluations/{evaluation_id}/comparison
        """
        return await self._transport.model(
            EvaluationComparison,
            Call("GET", f"/api/evaluations/{quoted(evaluation_id)}/comparison", query={"with": with_}),
        )

    async def get(self, evaluation_id: str) -> EvaluationDetail:
        """One evaluation: figures with intervals, baseline, classes, confusion matrix, curves, mistakes.

        GET /api/evaluations/{evaluation_id}
        """
        return await self._transport.model(
            EvaluationDetail, Call("GET", f"/api/evaluations/{quoted(evaluation_id)}")
        )

    async def list(
        self,
        *,
        dataset_sha256: str | None = None,
        job_id: str | None = None,
        limit: int | None = None,
        after: str | None = None,
    ) -> EvaluationList:
        """Evaluations, newest first.

        GET /api/evaluations
        """
        return await self._transport.model(
            EvaluationList,
            Call(
                "GET",
                "/api/evaluations",
                query={"dataset_sha256": dataset_sha256, "job_id": job_id, "limit": limit, "after": after},
            ),
        )

    async def list_outcomes(
        self,
        evaluation_id: str,
        *,
        expected: str | None = None,
        predicted: str | None = None,
        offset: int | None = None,
        limit: int | None = None,
    ) -> OutcomePage:
        """Rows by what they are and what they were taken for: those of a cell of the confusion matrix.

        GET /api/evaluations/{evaluation_id}/outcomes
        """
        return await self._transport.model(
            OutcomePage,
            Call(
                "GET",
                f"/api/evaluations/{quoted(evaluation_id)}/outcomes",
                query={"expected": expected, "predicted": predicted, "offset": offset, "limit": limit},
            ),
        )

    async def iterate(
        self, *, dataset_sha256: str | None = None, job_id: str | None = None, limit: int | None = None
    ) -> AsyncIterator[EvaluationOut]:
        """What `list` lists, from all pages."""
        after: str | None = None
        while True:
            page = await self.list(dataset_sha256=dataset_sha256, job_id=job_id, limit=limit, after=after)
            for one in page.data:
                yield one
            after = page.next
            if after is None:
                return


class AsyncHub:
    """`client.hub`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def delete_token(self) -> None:
        """Forget the stored token; one of the settings is used again.

        DELETE /api/hub/token
        """
        return await self._transport.nothing(Call("DELETE", "/api/hub/token"))

    async def get_access(self) -> HubAccessOut:
        """The hub's address, and whether there is a token for it.

        GET /api/hub
        """
        return await self._transport.model(HubAccessOut, Call("GET", "/api/hub"))

    async def set_token(self, *, token: str) -> HubAccessOut:
        """Keep a token for imports from now on, encrypted; no route gives it out again.

        PUT /api/hub/token
        """
        return await self._transport.model(HubAccessOut, Call("PUT", "/api/hub/token", json={"token": token}))


class AsyncJobs:
    """`client.jobs`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def cancel(self, job_id: str, *, checkpoint: Literal["keep", "discard"] | Omit = OMIT) -> JobOut:
        """Stop a job: at once when it has not begun, else as soon as its checkpoint is saved (or discarded).

        POST /api/training/jobs/{job_id}/cancel
        """
        return await self._transport.model(
            JobOut,
            Call("POST", f"/api/training/jobs/{quoted(job_id)}/cancel", json={"checkpoint": checkpoint}),
        )

    async def create(
        self,
        *,
        idempotency_key: str | None = None,
        base_export_job_id: str | Omit | None = OMIT,
        base_model: str | Omit | None = OMIT,
        config: Mapping[str, JsonValue] | Omit = OMIT,
        dataset_id: str | Omit | None = OMIT,
        depends_on: Sequence[str] | Omit = OMIT,
        deploy: DeployRequest | Mapping[str, JsonValue] | Omit | None = OMIT,
        device: Literal["auto", "cpu", "cuda", "mps"] | Omit = OMIT,
        export_job_id: str | Omit | None = OMIT,
        inputs: Mapping[str, str] | Omit = OMIT,
        metadata: Mapping[str, str] | Omit = OMIT,
        name: str | Omit | None = OMIT,
        priority: int | Omit = OMIT,
        recipe: str | Omit = OMIT,
        threads: int | Omit | None = OMIT,
        training_job_id: str | Omit | None = OMIT,
    ) -> JobDetail:
        """Create a job; with `deploy`, the whole chain to a proved answer. A base model that is new is imported first.

        POST /api/training/jobs
        """
        return await self._transport.model(
            JobDetail,
            Call(
                "POST",
                "/api/training/jobs",
                headers={"Idempotency-Key": idempotency_key},
                json={
                    "base_export_job_id": base_export_job_id,
                    "base_model": base_model,
                    "config": config,
                    "dataset_id": dataset_id,
                    "depends_on": depends_on,
                    "deploy": deploy,
                    "device": device,
                    "export_job_id": export_job_id,
                    "inputs": inputs,
                    "metadata": metadata,
                    "name": name,
                    "priority": priority,
                    "recipe": recipe,
                    "threads": threads,
                    "training_job_id": training_job_id,
                },
                has_key=True,
            ),
        )

    async def delete(self, job_id: str) -> JobDeleted:
        """Delete a job that has ended, with its files; 409 while somebody needs them.

        DELETE /api/training/jobs/{job_id}
        """
        return await self._transport.model(JobDeleted, Call("DELETE", f"/api/training/jobs/{quoted(job_id)}"))

    async def deploy(
        self,
        job_id: str,
        *,
        idempotency_key: str | None = None,
        context: int | Omit | None = OMIT,
        max_tokens: int | Omit | None = OMIT,
        name: str | Omit | None = OMIT,
        prompts: Sequence[str] | Omit | None = OMIT,
        quantization: Literal["f16", "f32", "q8_0"] | Omit = OMIT,
        quantize: Literal["none", "q8_0", "q4_K_M", "q4_K_S"] | Omit = OMIT,
        replace: bool | Omit = OMIT,
        route: Literal["auto", "adapter", "merged"] | Omit = OMIT,
        tag: str | Omit | None = OMIT,
        target: Literal["llama_cpp", "ollama", "onnx"] | Omit = OMIT,
    ) -> JobDetail:
        """Deploy what a finished training has left: the job that does so, behind the exports that are not there yet.

        POST /api/training/jobs/{job_id}/deploy
        """
        return await self._transport.model(
            JobDetail,
            Call(
                "POST",
                f"/api/training/jobs/{quoted(job_id)}/deploy",
                headers={"Idempotency-Key": idempotency_key},
                json={
                    "context": context,
                    "max_tokens": max_tokens,
                    "name": name,
                    "prompts": prompts,
                    "quantization": quantization,
                    "quantize": quantize,
                    "replace": replace,
                    "route": route,
                    "tag": tag,
                    "target": target,
                },
                has_key=True,
            ),
        )

    async def download_compared_metrics(
        self, *, job_id: Sequence[str], name: Sequence[str] | None = None
    ) -> str:
        """Every point of the curves (all, or those named) of some jobs as CSV: a line a point, with the job and its name.

        GET /api/training/metrics.csv
        """
        return await self._transport.text(
            Call("GET", "/api/training/metrics.csv", query={"job_id": job_id, "name": name})
        )

    async def download_log(self, job_id: str) -> str:
        """The whole log as text: time, level and message of each line.

        GET /api/training/jobs/{job_id}/log.txt
        """
        return await self._transport.text(Call("GET", f"/api/training/jobs/{quoted(job_id)}/log.txt"))

    async def download_metrics(self, job_id: str, *, name: Sequence[str] | None = None) -> str:
        """Every point of the curves (all, or those named) as CSV: a line a step, a column a curve.

        GET /api/training/jobs/{job_id}/metrics.csv
        """
        return await self._transport.text(
            Call("GET", f"/api/training/jobs/{quoted(job_id)}/metrics.csv", query={"name": name})
        )

    async def duplicate(
        self,
        job_id: str,
        *,
        idempotency_key: str | None = None,
        config: Mapping[str, JsonValue] | Omit = OMIT,
        name: str | Omit | None = OMIT,
    ) -> JobDetail:
        """The same request again, with another name or other settings.

        POST /api/training/jobs/{job_id}/duplicate
        """
        return await self._transport.model(
            JobDetail,
            Call(
                "POST",
                f"/api/training/jobs/{quoted(job_id)}/duplicate",
                headers={"Idempotency-Key": idempotency_key},
                json={"config": config, "name": name},
                has_key=True,
            ),
        )

    async def forecast(
        self,
        *,
        base_model: str | Omit | None = OMIT,
        config: Mapping[str, JsonValue] | Omit = OMIT,
        dataset_id: str | Omit | None = OMIT,
        device: Literal["auto", "cpu", "cuda", "mps"] | Omit = OMIT,
        recipe: str | Omit = OMIT,
    ) -> Forecast:
        """What a job would take; nothing is stored or started.

        POST /api/training/forecast
        """
        return await self._transport.model(
            Forecast,
            Call(
                "POST",
                "/api/training/forecast",
                json={
                    "base_model": base_model,
                    "config": config,
                    "dataset_id": dataset_id,
                    "device": device,
                    "recipe": recipe,
                },
            ),
        )

    async def get(self, job_id: str) -> JobDetail:
        """One job with its chain, artifacts and reports.

        GET /api/training/jobs/{job_id}
        """
        return await self._transport.model(JobDetail, Call("GET", f"/api/training/jobs/{quoted(job_id)}"))

    async def get_files(self, job_id: str) -> JobFiles:
        """What deleting a job would free, and who needs it.

        GET /api/training/jobs/{job_id}/files
        """
        return await self._transport.model(
            JobFiles, Call("GET", f"/api/training/jobs/{quoted(job_id)}/files")
        )

    async def get_metrics(
        self,
        job_id: str,
        *,
        name: Sequence[str] | None = None,
        width: int | None = None,
        first_step: int | None = None,
        last_step: int | None = None,
    ) -> MetricsOut:
        """The curves, down-sampled so that no minimum or maximum is lost; a range of steps shows them in full detail.

        GET /api/training/jobs/{job_id}/metrics
        """
        return await self._transport.model(
            MetricsOut,
            Call(
                "GET",
                f"/api/training/jobs/{quoted(job_id)}/metrics",
                query={"name": name, "width": width, "first_step": first_step, "last_step": last_step},
            ),
        )

    async def get_progress(self, job_id: str) -> JobProgress:
        """How far a job is, for those who poll.

        GET /api/training/jobs/{job_id}/progress
        """
        return await self._transport.model(
            JobProgress, Call("GET", f"/api/training/jobs/{quoted(job_id)}/progress")
        )

    async def list(
        self,
        *,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        state: Sequence[JobState] | None = None,
        recipe: Sequence[str] | None = None,
        group_id: Sequence[str] | None = None,
        dataset_id: str | None = None,
        q: str | None = None,
        tag: str | None = None,
    ) -> PageOfListedJobOut:
        """Jobs, newest first, or as `sort` says; those without what is sorted by stand last.

        GET /api/training/jobs
        """
        return await self._transport.model(
            PageOfListedJobOut,
            Call(
                "GET",
                "/api/training/jobs",
                query={
                    "sort": sort,
                    "limit": limit,
                    "after": after,
                    "state": state,
                    "recipe": recipe,
                    "group_id": group_id,
                    "dataset_id": dataset_id,
                    "q": q,
                    "tag": tag,
                },
            ),
        )

    async def list_events(
        self,
        job_id: str,
        *,
        after: int | None = None,
        limit: int | None = None,
        types: Sequence[
            Literal[
                "progress",
                "metrics",
                "log",
                "resources",
                "checkpoint",
                "artifact",
                "report",
                "failure",
                "finished",
                "state",
            ]
        ]
        | None = None,
        tail: int | None = None,
        before: int | None = None,
    ) -> EventPage:
        """Events of a job: those behind `after`, or with `tail` the last ones.

        `Accept: text/event-stream` follows them live, from `Last-Event-ID` or `after` on.

        GET /api/training/jobs/{job_id}/events
        """
        return await self._transport.model(
            EventPage,
            Call(
                "GET",
                f"/api/training/jobs/{quoted(job_id)}/events",
                query={"after": after, "limit": limit, "types": types, "tail": tail, "before": before},
            ),
        )

    async def list_logs(
        self,
        job_id: str,
        *,
        after: int | None = None,
        limit: int | None = None,
        tail: int | None = None,
        before: int | None = None,
    ) -> LogPage:
        """Log lines in order: those behind `after`, or with `tail` the last ones.

        GET /api/training/jobs/{job_id}/logs
        """
        return await self._transport.model(
            LogPage,
            Call(
                "GET",
                f"/api/training/jobs/{quoted(job_id)}/logs",
                query={"after": after, "limit": limit, "tail": tail, "before": before},
            ),
        )

    async def list_waiting(self, *, limit: int | None = None) -> WaitingJobs:
        """The queued jobs in the order in which they are taken.

        GET /api/training/jobs/waiting
        """
        return await self._transport.model(
            WaitingJobs, Call("GET", "/api/training/jobs/waiting", query={"limit": limit})
        )

    async def resume(self, job_id: str, *, idempotency_key: str | None = None) -> JobDetail:
        """A new job that goes on from the last checkpoint of one that failed or was cancelled, followed by its chain.

        POST /api/training/jobs/{job_id}/resume
        """
        return await self._transport.model(
            JobDetail,
            Call(
                "POST",
                f"/api/training/jobs/{quoted(job_id)}/resume",
                headers={"Idempotency-Key": idempotency_key},
                has_key=True,
            ),
        )

    def stream_events(
        self,
        job_id: str,
        *,
        after: int | None = None,
        limit: int | None = None,
        types: Sequence[
            Literal[
                "progress",
                "metrics",
                "log",
                "resources",
                "checkpoint",
                "artifact",
                "report",
                "failure",
                "finished",
                "state",
            ]
        ]
        | None = None,
        tail: int | None = None,
        before: int | None = None,
        last_event_id: str | None = None,
    ) -> AsyncIterator[ServerSentEvent]:
        """Events of a job: those behind `after`, or with `tail` the last ones.

        `Accept: text/event-stream` follows them live, from `Last-Event-ID` or `after` on.

        GET /api/training/jobs/{job_id}/events
        """
        return self._transport.events(
            Call(
                "GET",
                f"/api/training/jobs/{quoted(job_id)}/events",
                query={"after": after, "limit": limit, "types": types, "tail": tail, "before": before},
                headers={"last-event-id": last_event_id},
            )
        )

    async def sum(
        self,
        *,
        state: Sequence[JobState] | None = None,
        recipe: Sequence[str] | None = None,
        group_id: Sequence[str] | None = None,
        dataset_id: str | None = None,
        q: str | None = None,
        tag: str | None = None,
    ) -> JobTotals:
        """What all the jobs of a list come to, those of pages that were not asked for included.

        GET /api/training/jobs/totals
        """
        return await self._transport.model(
            JobTotals,
            Call(
                "GET",
                "/api/training/jobs/totals",
                query={
                    "state": state,
                    "recipe": recipe,
                    "group_id": group_id,
                    "dataset_id": dataset_id,
                    "q": q,
                    "tag": tag,
                },
            ),
        )

    async def iterate(
        self,
        *,
        sort: str | None = None,
        limit: int | None = None,
        state: Sequence[JobState] | None = None,
        recipe: Sequence[str] | None = None,
        group_id: Sequence[str] | None = None,
        dataset_id: str | None = None,
        q: str | None = None,
        tag: str | None = None,
    ) -> AsyncIterator[ListedJobOut]:
        """What `list` lists, from all pages."""
        after: str | None = None
        while True:
            page = await self.list(
                sort=sort,
                limit=limit,
                state=state,
                recipe=recipe,
                group_id=group_id,
                dataset_id=dataset_id,
                q=q,
                tag=tag,
                after=after,
            )
            for one in page.data:
                yield one
            after = page.next
            if after is None:
                return

    async def iterate_events(
        self,
        job_id: str,
        *,
        limit: int | None = None,
        types: Sequence[
            Literal[
                "progress",
                "metrics",
                "log",
                "resources",
                "checkpoint",
                "artifact",
                "report",
                "failure",
                "finished",
                "state",
            ]
        ]
        | None = None,
        tail: int | None = None,
        before: int | None = None,
    ) -> AsyncIterator[JobEvent]:
        """What `list_events` lists, from all pages."""
        after: int | None = None
        while True:
            page = await self.list_events(
                job_id, limit=limit, types=types, tail=tail, before=before, after=after
            )
            for one in page.data:
                yield one
            after = page.next
            if after is None:
                return


class AsyncLabels:
    """`client.labels`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def change(
        self,
        kind: Literal["dataset", "job", "base_model", "deployment", "chat"],
        id: str,
        *,
        add_tags: Sequence[str] | Omit = OMIT,
        name: str | Omit | None = OMIT,
        note: str | Omit | None = OMIT,
        remove_tags: Sequence[str] | Omit = OMIT,
    ) -> LabelOut:
        """Rename a thing, add or remove tags, or write its note; what is left out stays as it is.

        PATCH /api/labels/{kind}/{id}
        """
        return await self._transport.model(
            LabelOut,
            Call(
                "PATCH",
                f"/api/labels/{quoted(kind)}/{quoted(id)}",
                json={"add_tags": add_tags, "name": name, "note": note, "remove_tags": remove_tags},
            ),
        )

    async def list_needs(
        self, kind: Literal["dataset", "job", "base_model", "deployment", "chat"], *, id: Sequence[str]
    ) -> NeededList:
        """Who needs these things, so that they cannot be deleted, and who would name what is gone.

        GET /api/needs/{kind}
        """
        return await self._transport.model(
            NeededList, Call("GET", f"/api/needs/{quoted(kind)}", query={"id": id})
        )

    async def list_tags(
        self, *, kind: Sequence[Literal["dataset", "job", "base_model", "deployment", "chat"]] | None = None
    ) -> TagList:
        """The tags in use, and on how many things.

        GET /api/tags
        """
        return await self._transport.model(TagList, Call("GET", "/api/tags", query={"kind": kind}))


class AsyncOllama:
    """`client.ollama`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def check(self, model_name: str) -> OllamaCheckOut:
        """Whether Ollama has a model.

        GET /api/models/check/{model_name}
        """
        return await self._transport.model(
            OllamaCheckOut, Call("GET", f"/api/models/check/{quoted(model_name)}")
        )

    async def delete(self, model_name: str) -> None:
        """Let Ollama forget a model; 409 for one that this studio has registered.

        DELETE /api/models/{model_name}
        """
        return await self._transport.nothing(Call("DELETE", f"/api/models/{quoted(model_name)}"))

    async def list(self) -> OllamaModelsOut:
        """What Ollama has; empty, with the reason, while it does not run.

        GET /api/models
        """
        return await self._transport.model(OllamaModelsOut, Call("GET", "/api/models"))

    async def pull(self, model_name: str) -> JobOut:
        """Let Ollama get a model: a job, whose events tell how far each layer is. One that runs already is answered.

        POST /api/models/pull/{model_name}
        """
        return await self._transport.model(JobOut, Call("POST", f"/api/models/pull/{quoted(model_name)}"))

    async def show(self, model_name: str) -> OllamaDetailsOut:
        """Template, parameters and digests of a model.

        GET /api/models/show/{model_name}
        """
        return await self._transport.model(
            OllamaDetailsOut, Call("GET", f"/api/models/show/{quoted(model_name)}")
        )


class AsyncOpenai:
    """`client.openai`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def cancel_fine_tuning_job(self, fine_tuning_job_id: str) -> FineTuningJob:
        """Stop a job. Its last checkpoint is kept, so that it can be resumed.

        POST /v1/fine_tuning/jobs/{fine_tuning_job_id}/cancel
        """
        return await self._transport.model(
            FineTuningJob, Call("POST", f"/v1/fine_tuning/jobs/{quoted(fine_tuning_job_id)}/cancel")
        )

    async def create_chat_completion(
        self,
        *,
        messages: Sequence[CompletionMessage | Mapping[str, JsonValue]],
        model: str,
        audio: Mapping[str, JsonValue] | Omit | None = OMIT,
        frequency_penalty: float | Omit | None = OMIT,
        functions: Sequence[JsonValue] | Omit | None = OMIT,
        logit_bias: Mapping[str, float] | Omit | None = OMIT,
        logprobs: bool | Omit | None = OMIT,
        max_completion_tokens: int | Omit | None = OMIT,
        max_tokens: int | Omit | None = OMIT,
        modalities: Sequence[str] | Omit | None = OMIT,
        n: int | Omit | None = OMIT,
        presence_penalty: float | Omit | None = OMIT,
        response_format: Mapping[str, JsonValue] | Omit | None = OMIT,
        seed: int | Omit | None = OMIT,
        stop: str | Sequence[str] | Omit | None = OMIT,
        stream_options: StreamOptions | Mapping[str, JsonValue] | Omit | None = OMIT,
        temperature: float | Omit | None = OMIT,
        tools: Sequence[JsonValue] | Omit | None = OMIT,
        top_logprobs: int | Omit | None = OMIT,
        top_p: float | Omit | None = OMIT,
    ) -> ChatCompletion:
        """Answer a conversation; with `stream`, as Server-Sent Events that end with `[DONE]`.

        POST /v1/chat/completions
        """
        return await self._transport.model(
            ChatCompletion,
            Call(
                "POST",
                "/v1/chat/completions",
                json={
                    "audio": audio,
                    "frequency_penalty": frequency_penalty,
                    "functions": functions,
                    "logit_bias": logit_bias,
                    "logprobs": logprobs,
                    "max_completion_tokens": max_completion_tokens,
                    "max_tokens": max_tokens,
                    "messages": messages,
                    "modalities": modalities,
                    "model": model,
                    "n": n,
                    "presence_penalty": presence_penalty,
                    "response_format": response_format,
                    "seed": seed,
                    "stop": stop,
                    "stream_options": stream_options,
                    "temperature": temperature,
                    "tools": tools,
                    "top_logprobs": top_logprobs,
                    "top_p": top_p,
                    "stream": False,
                },
            ),
        )

    async def create_file(
        self, *, file: File, purpose: Literal["fine-tune"], encoding: str | None = None
    ) -> FileObject:
        """Upload training data, best as JSON lines of `{"messages": […]}`. A file with an unusable row is refused.

        POST /v1/files
        """
        return await self._transport.model(
            FileObject,
            Call("POST", "/v1/files", form={"encoding": encoding, "file": file, "purpose": purpose}),
        )

    async def create_fine_tuning_job(
        self,
        *,
        model: str,
        training_file: str,
        idempotency_key: str | None = None,
        hyperparameters: Mapping[str, JsonValue] | Omit | None = OMIT,
        integrations: Sequence[JsonValue] | Omit | None = OMIT,
        metadata: Mapping[str, str] | Omit | None = OMIT,
        method: MethodGiven | Mapping[str, JsonValue] | Omit | None = OMIT,
        seed: int | Omit | None = OMIT,
        suffix: str | Omit | None = OMIT,
        validation_file: str | Omit | None = OMIT,
    ) -> FineTuningJob:
        """Train on a file, export, deploy and prove the result. Settings of LoRA stand beside the hyperparameters.

        POST /v1/fine_tuning/jobs
        """
        return await self._transport.model(
            FineTuningJob,
            Call(
                "POST",
                "/v1/fine_tuning/jobs",
                headers={"Idempotency-Key": idempotency_key},
                json={
                    "hyperparameters": hyperparameters,
                    "integrations": integrations,
                    "metadata": metadata,
                    "method": method,
                    "model": model,
                    "seed": seed,
                    "suffix": suffix,
                    "training_file": training_file,
                    "validation_file": validation_file,
                },
                has_key=True,
            ),
        )

    async def download_file(self, file_id: str, to: Path | str) -> Path:
        """The file as it was uploaded, byte for byte.

        GET /v1/files/{file_id}/content
        """
        return await self._transport.file(to, Call("GET", f"/v1/files/{quoted(file_id)}/content"))

    async def get_file(self, file_id: str) -> FileObject:
        """One file.

        GET /v1/files/{file_id}
        """
        return await self._transport.model(FileObject, Call("GET", f"/v1/files/{quoted(file_id)}"))

    async def get_fine_tuning_job(self, fine_tuning_job_id: str) -> FineTuningJob:
        """One fine-tuning job.

        GET /v1/fine_tuning/jobs/{fine_tuning_job_id}
        """
        return await self._transport.model(
            FineTuningJob, Call("GET", f"/v1/fine_tuning/jobs/{quoted(fine_tuning_job_id)}")
        )

    async def get_model(self, model: str) -> ModelCard:
        """One model by its name or id.

        GET /v1/models/{model}
        """
        return await self._transport.model(ModelCard, Call("GET", f"/v1/models/{quoted(model)}"))

    async def list_files(
        self,
        *,
        purpose: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        order: Literal["asc", "desc"] | None = None,
    ) -> ListOfFileObject:
        """The files, newest first unless `order` is `asc`.

        GET /v1/files
        """
        return await self._transport.model(
            ListOfFileObject,
            Call(
                "GET", "/v1/files", query={"purpose": purpose, "limit": limit, "after": after, "order": order}
            ),
        )

    async def list_fine_tuning_checkpoints(
        self, fine_tuning_job_id: str, *, limit: int | None = None, after: str | None = None
    ) -> ListOfFineTuningCheckpoint:
        """Checkpoints that are kept, newest first.

        GET /v1/fine_tuning/jobs/{fine_tuning_job_id}/checkpoints
        """
        return await self._transport.model(
            ListOfFineTuningCheckpoint,
            Call(
                "GET",
                f"/v1/fine_tuning/jobs/{quoted(fine_tuning_job_id)}/checkpoints",
                query={"limit": limit, "after": after},
            ),
        )

    async def list_fine_tuning_events(
        self, fine_tuning_job_id: str, *, limit: int | None = None, after: str | None = None
    ) -> ListOfFineTuningEvent:
        """What happened, newest first.

        GET /v1/fine_tuning/jobs/{fine_tuning_job_id}/events
        """
        return await self._transport.model(
            ListOfFineTuningEvent,
            Call(
                "GET",
                f"/v1/fine_tuning/jobs/{quoted(fine_tuning_job_id)}/events",
                query={"limit": limit, "after": after},
            ),
        )

    async def list_fine_tuning_jobs(
        self, *, limit: int | None = None, after: str | None = None
    ) -> ListOfFineTuningJob:
        """Fine-tuning jobs, newest first. `metadata[key]=value` filters; `metadata=null`: those without metadata.

        GET /v1/fine_tuning/jobs
        """
        return await self._transport.model(
            ListOfFineTuningJob, Call("GET", "/v1/fine_tuning/jobs", query={"limit": limit, "after": after})
        )

    async def list_models(self) -> ModelList:
        """Every model that can be talked to.

        GET /v1/models
        """
        return await self._transport.model(ModelList, Call("GET", "/v1/models"))

    async def pause_fine_tuning_job(self, fine_tuning_job_id: str) -> FineTuningJob:
        """Save a checkpoint and stop; `resume` goes on. The status is `cancelled` meanwhile.

        POST /v1/fine_tuning/jobs/{fine_tuning_job_id}/pause
        """
        return await self._transport.model(
            FineTuningJob, Call("POST", f"/v1/fine_tuning/jobs/{quoted(fine_tuning_job_id)}/pause")
        )

    async def remove_file(self, file_id: str) -> FileDeleted:
        """Delete a file, unless a job that is not over uses it.

        DELETE /v1/files/{file_id}
        """
        return await self._transport.model(FileDeleted, Call("DELETE", f"/v1/files/{quoted(file_id)}"))

    async def resume_fine_tuning_job(self, fine_tuning_job_id: str) -> FineTuningJob:
        """Go on with a cancelled, paused or failed job under the same id.

        POST /v1/fine_tuning/jobs/{fine_tuning_job_id}/resume
        """
        return await self._transport.model(
            FineTuningJob, Call("POST", f"/v1/fine_tuning/jobs/{quoted(fine_tuning_job_id)}/resume")
        )

    def stream_chat_completion(
        self,
        *,
        messages: Sequence[CompletionMessage | Mapping[str, JsonValue]],
        model: str,
        audio: Mapping[str, JsonValue] | Omit | None = OMIT,
        frequency_penalty: float | Omit | None = OMIT,
        functions: Sequence[JsonValue] | Omit | None = OMIT,
        logit_bias: Mapping[str, float] | Omit | None = OMIT,
        logprobs: bool | Omit | None = OMIT,
        max_completion_tokens: int | Omit | None = OMIT,
        max_tokens: int | Omit | None = OMIT,
        modalities: Sequence[str] | Omit | None = OMIT,
        n: int | Omit | None = OMIT,
        presence_penalty: float | Omit | None = OMIT,
        response_format: Mapping[str, JsonValue] | Omit | None = OMIT,
        seed: int | Omit | None = OMIT,
        stop: str | Sequence[str] | Omit | None = OMIT,
        stream_options: StreamOptions | Mapping[str, JsonValue] | Omit | None = OMIT,
        temperature: float | Omit | None = OMIT,
        tools: Sequence[JsonValue] | Omit | None = OMIT,
        top_logprobs: int | Omit | None = OMIT,
        top_p: float | Omit | None = OMIT,
    ) -> AsyncIterator[ServerSentEvent]:
        """Answer a conversation; with `stream`, as Server-Sent Events that end with `[DONE]`.

        POST /v1/chat/completions
        """
        return self._transport.events(
            Call(
                "POST",
                "/v1/chat/completions",
                json={
                    "audio": audio,
                    "frequency_penalty": frequency_penalty,
                    "functions": functions,
                    "logit_bias": logit_bias,
                    "logprobs": logprobs,
                    "max_completion_tokens": max_completion_tokens,
                    "max_tokens": max_tokens,
                    "messages": messages,
                    "modalities": modalities,
                    "model": model,
                    "n": n,
                    "presence_penalty": presence_penalty,
                    "response_format": response_format,
                    "seed": seed,
                    "stop": stop,
                    "stream_options": stream_options,
                    "temperature": temperature,
                    "tools": tools,
                    "top_logprobs": top_logprobs,
                    "top_p": top_p,
                    "stream": True,
                },
            )
        )


class AsyncRecipes:
    """`client.recipes`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def get(self, name: str) -> RecipeOut:
        """One recipe with every setting.

        GET /api/recipes/{name}
        """
        return await self._transport.model(RecipeOut, Call("GET", f"/api/recipes/{quoted(name)}"))

    async def list(self) -> PageOfRecipeOut:
        """All recipes, on one page.

        GET /api/recipes
        """
        return await self._transport.model(PageOfRecipeOut, Call("GET", "/api/recipes"))

    async def list_presets(self, name: str, *, rows: int | None = None) -> PageOfPresetOut:
        """Good beginnings for a data set of so many rows; none, where a recipe has no such.

        GET /api/recipes/{name}/presets
        """
        return await self._transport.model(
            PageOfPresetOut, Call("GET", f"/api/recipes/{quoted(name)}/presets", query={"rows": rows})
        )


class AsyncSearch:
    """`client.search`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def everything(
        self,
        *,
        q: str,
        kinds: Sequence[Literal["dataset", "job", "base_model", "deployment", "chat"]] | None = None,
        limit: int | None = None,
    ) -> SearchOut:
        """What has these words, in any case, width or kana: exact names first, then beginnings, parts, tags, notes, messages.

        GET /api/search
        """
        return await self._transport.model(
            SearchOut, Call("GET", "/api/search", query={"q": q, "kinds": kinds, "limit": limit})
        )


class AsyncSession:
    """`client.session`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def create(self, *, token: str) -> None:
        """Open a session and keep it in a cookie: HttpOnly, SameSite=Strict, Secure where the page is.

        POST /api/session
        """
        return await self._transport.nothing(Call("POST", "/api/session", json={"token": token}))

    async def delete(self) -> None:
        """End the session: here, and in whatever else shows its cookie.

        DELETE /api/session
        """
        return await self._transport.nothing(Call("DELETE", "/api/session"))

    async def get(self) -> SessionOut:
        """Answers 401 until the token was shown.

        GET /api/session
        """
        return await self._transport.model(SessionOut, Call("GET", "/api/session"))


class AsyncSweeps:
    """`client.sweeps`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def cancel(self, sweep_id: str) -> SweepOut:
        """Begin no further trial, and cancel those that have not ended.

        POST /api/sweeps/{sweep_id}/cancel
        """
        return await self._transport.model(SweepOut, Call("POST", f"/api/sweeps/{quoted(sweep_id)}/cancel"))

    async def create(
        self,
        *,
        space: Mapping[str, Sequence[bool | int | float | str | None] | Dimension | Mapping[str, JsonValue]],
        idempotency_key: str | None = None,
        base_export_job_id: str | Omit | None = OMIT,
        base_model: str | Omit | None = OMIT,
        budget: Budget | Mapping[str, JsonValue] | Omit = OMIT,
        config: Mapping[str, JsonValue] | Omit = OMIT,
        dataset_id: str | Omit | None = OMIT,
        depends_on: Sequence[str] | Omit = OMIT,
        deploy: DeployRequest | Mapping[str, JsonValue] | Omit | None = OMIT,
        device: Literal["auto", "cpu", "cuda", "mps"] | Omit = OMIT,
        export_job_id: str | Omit | None = OMIT,
        inputs: Mapping[str, str] | Omit = OMIT,
        keep_best: int | Omit | None = OMIT,
        metadata: Mapping[str, str] | Omit = OMIT,
        name: str | Omit | None = OMIT,
        objectives: Sequence[Objective | Mapping[str, JsonValue]] | Omit = OMIT,
        parallel: int | Omit = OMIT,
        priority: int | Omit = OMIT,
        pruner: Pruner | Mapping[str, JsonValue] | Omit = OMIT,
        recipe: str | Omit = OMIT,
        sampler: Literal["grid", "random", "tpe", "bayesian", "cmaes", "gp"] | Omit = OMIT,
        seed: int | Omit = OMIT,
        threads: int | Omit | None = OMIT,
        training_job_id: str | Omit | None = OMIT,
    ) -> SweepOut:
        """Search the settings of a recipe: its trials are ordinary jobs, which the workers begin.

        POST /api/sweeps
        """
        return await self._transport.model(
            SweepOut,
            Call(
                "POST",
                "/api/sweeps",
                headers={"Idempotency-Key": idempotency_key},
                json={
                    "base_export_job_id": base_export_job_id,
                    "base_model": base_model,
                    "budget": budget,
                    "config": config,
                    "dataset_id": dataset_id,
                    "depends_on": depends_on,
                    "deploy": deploy,
                    "device": device,
                    "export_job_id": export_job_id,
                    "inputs": inputs,
                    "keep_best": keep_best,
                    "metadata": metadata,
                    "name": name,
                    "objectives": objectives,
                    "parallel": parallel,
                    "priority": priority,
                    "pruner": pruner,
                    "recipe": recipe,
                    "sampler": sampler,
                    "seed": seed,
                    "space": space,
                    "threads": threads,
                    "training_job_id": training_job_id,
                },
                has_key=True,
            ),
        )

    async def extend(
        self,
        sweep_id: str,
        *,
        no_progress: int | Omit | None = OMIT,
        time_s: float | Omit = OMIT,
        trials: int | Omit = OMIT,
    ) -> SweepOut:
        """More trials, or more time; a sweep that has ended goes on.

        POST /api/sweeps/{sweep_id}/extend
        """
        return await self._transport.model(
            SweepOut,
            Call(
                "POST",
                f"/api/sweeps/{quoted(sweep_id)}/extend",
                json={"no_progress": no_progress, "time_s": time_s, "trials": trials},
            ),
        )

    async def get(self, sweep_id: str) -> SweepOut:
        """One sweep: how far it is, and its best trial.

        GET /api/sweeps/{sweep_id}
        """
        return await self._transport.model(SweepOut, Call("GET", f"/api/sweeps/{quoted(sweep_id)}"))

    async def get_front(self, sweep_id: str) -> Front:
        """The trials that no other is better than in every objective.

        GET /api/sweeps/{sweep_id}/pareto
        """
        return await self._transport.model(Front, Call("GET", f"/api/sweeps/{quoted(sweep_id)}/pareto"))

    async def get_importance(self, sweep_id: str) -> ImportanceList:
        """How much each setting matters, by objective (PED-ANOVA).

        GET /api/sweeps/{sweep_id}/importance
        """
        return await self._transport.model(
            ImportanceList, Call("GET", f"/api/sweeps/{quoted(sweep_id)}/importance")
        )

    async def list(self, *, limit: int | None = None, after: str | None = None) -> PageOfSweepOut:
        """Sweeps, newest first.

        GET /api/sweeps
        """
        return await self._transport.model(
            PageOfSweepOut, Call("GET", "/api/sweeps", query={"limit": limit, "after": after})
        )

    async def list_trials(
        self,
        sweep_id: str,
        *,
        outcome: Sequence[TrialOutcome] | None = None,
        since: int | None = None,
        limit: int | None = None,
    ) -> PageOfTrialOut:
        """Trials by number. `next`: the number to give as `since`.

        GET /api/sweeps/{sweep_id}/trials
        """
        return await self._transport.model(
            PageOfTrialOut,
            Call(
                "GET",
                f"/api/sweeps/{quoted(sweep_id)}/trials",
                query={"outcome": outcome, "since": since, "limit": limit},
            ),
        )

    async def pause(self, sweep_id: str) -> SweepOut:
        """Begin no further trial; those that run go on.

        POST /api/sweeps/{sweep_id}/pause
        """
        return await self._transport.model(SweepOut, Call("POST", f"/api/sweeps/{quoted(sweep_id)}/pause"))

    async def resume(self, sweep_id: str) -> SweepOut:
        """Go on after a pause.

        POST /api/sweeps/{sweep_id}/resume
        """
        return await self._transport.model(SweepOut, Call("POST", f"/api/sweeps/{quoted(sweep_id)}/resume"))

    async def iterate(self, *, limit: int | None = None) -> AsyncIterator[SweepOut]:
        """What `list` lists, from all pages."""
        after: str | None = None
        while True:
            page = await self.list(limit=limit, after=after)
            for one in page.data:
                yield one
            after = page.next
            if after is None:
                return


class AsyncSystem:
    """`client.system`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def check_health(self) -> HealthOut:
        """The process is alive; nothing else is asked.

        GET /healthz
        """
        return await self._transport.model(HealthOut, Call("GET", "/healthz"))

    async def check_readiness(self) -> ReadyOut:
        """Requests can be served: 200 when PostgreSQL answers with this version's tables, else 503.

        GET /readyz
        """
        return await self._transport.model(ReadyOut, Call("GET", "/readyz"))

    async def describe(self) -> SystemOut:
        """Versions, devices, disk, queue, workers and services.

        GET /api/system
        """
        return await self._transport.model(SystemOut, Call("GET", "/api/system"))

    async def examine(self) -> DoctorOut:
        """What is wrong with this machine, and the cure; takes some seconds the first time.

        GET /api/system/doctor
        """
        return await self._transport.model(DoctorOut, Call("GET", "/api/system/doctor"))

    async def read_metrics(self) -> str:
        """Jobs, requests and the process in Prometheus's text format.

        GET /metrics
        """
        return await self._transport.text(Call("GET", "/metrics"))

    async def sample_resources(self) -> ResourcesOut:
        """How busy the machine is now; cheap enough to ask every other second.

        GET /api/system/resources
        """
        return await self._transport.model(ResourcesOut, Call("GET", "/api/system/resources"))


class AsyncWebhooks:
    """`client.webhooks`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def add(
        self,
        *,
        url: str,
        events: Sequence[Literal["finished", "failed", "cancelled", "deployed"]] | Omit = OMIT,
        language: Literal["ja", "en"] | Omit = OMIT,
        pages_url: str | Omit | None = OMIT,
        secret: str | Omit | None = OMIT,
        shape: Literal["auto", "json", "slack", "discord"] | Omit = OMIT,
    ) -> WebhookOut:
        """Register an address that is told from now on.

        POST /api/webhooks
        """
        return await self._transport.model(
            WebhookOut,
            Call(
                "POST",
                "/api/webhooks",
                json={
                    "events": events,
                    "language": language,
                    "pages_url": pages_url,
                    "secret": secret,
                    "shape": shape,
                    "url": url,
                },
            ),
        )

    async def change(
        self,
        webhook_id: str,
        *,
        enabled: bool | Omit | None = OMIT,
        events: Sequence[Literal["finished", "failed", "cancelled", "deployed"]] | Omit | None = OMIT,
        language: Literal["ja", "en"] | Omit | None = OMIT,
        pages_url: str | Omit | None = OMIT,
        secret: str | Omit | None = OMIT,
        shape: Literal["json", "slack", "discord"] | Omit | None = OMIT,
        url: str | Omit | None = OMIT,
    ) -> WebhookOut:
        """Change a webhook; what is left out of the body stays.

        PATCH /api/webhooks/{webhook_id}
        """
        return await self._transport.model(
            WebhookOut,
            Call(
                "PATCH",
                f"/api/webhooks/{quoted(webhook_id)}",
                json={
                    "enabled": enabled,
                    "events": events,
                    "language": language,
                    "pages_url": pages_url,
                    "secret": secret,
                    "shape": shape,
                    "url": url,
                },
            ),
        )

    async def list(self) -> PageOfWebhookOut:
        """All webhooks, in the order in which they came.

        GET /api/webhooks
        """
        return await self._transport.model(PageOfWebhookOut, Call("GET", "/api/webhooks"))

    async def list_deliveries(
        self, webhook_id: str, *, limit: int | None = None, after: str | None = None
    ) -> PageOfDeliveryOut:
        """What a webhook was told, newest first: the last hundred messages.

        GET /api/webhooks/{webhook_id}/deliveries
        """
        return await self._transport.model(
            PageOfDeliveryOut,
            Call(
                "GET",
                f"/api/webhooks/{quoted(webhook_id)}/deliveries",
                query={"limit": limit, "after": after},
            ),
        )

    async def remove(self, webhook_id: str) -> None:
        """Forget a webhook with its secret and its history.

        DELETE /api/webhooks/{webhook_id}
        """
        return await self._transport.nothing(Call("DELETE", f"/api/webhooks/{quoted(webhook_id)}"))

    async def try_(self, webhook_id: str) -> DeliveryOut:
        """Have a test message sent by a worker; its history tells how it went.

        POST /api/webhooks/{webhook_id}/test
        """
        return await self._transport.model(
            DeliveryOut, Call("POST", f"/api/webhooks/{quoted(webhook_id)}/test")
        )

    async def iterate_deliveries(
        self, webhook_id: str, *, limit: int | None = None
    ) -> AsyncIterator[DeliveryOut]:
        """What `list_deliveries` lists, from all pages."""
        after: str | None = None
        while True:
            page = await self.list_deliveries(webhook_id, limit=limit, after=after)
            for one in page.data:
                yield one
            after = page.next
            if after is None:
                return


class AsyncNamespaces:
    """All namespaces."""

    def __init__(self, transport: AsyncTransport) -> None:
        self.artifacts = AsyncArtifacts(transport)
        self.base_models = AsyncBaseModels(transport)
        self.batches = AsyncBatches(transport)
        self.chat = AsyncChat(transport)
        self.courses = AsyncCourses(transport)
        self.datasets = AsyncDatasets(transport)
        self.deployments = AsyncDeployments(transport)
        self.evaluations = AsyncEvaluations(transport)
        self.hub = AsyncHub(transport)
        self.jobs = AsyncJobs(transport)
        self.labels = AsyncLabels(transport)
        self.ollama = AsyncOllama(transport)
        self.openai = AsyncOpenai(transport)
        self.recipes = AsyncRecipes(transport)
        self.search = AsyncSearch(transport)
        self.session = AsyncSession(transport)
        self.sweeps = AsyncSweeps(transport)
        self.system = AsyncSystem(transport)
        self.webhooks = AsyncWebhooks(transport)
