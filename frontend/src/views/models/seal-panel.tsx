import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";

import { Digest } from "@/components/ui/digest";
import { Fact, FactList } from "@/components/ui/fact-list";
import { PersonsName } from "@/components/ui/persons-name";
import { CopyButton } from "@/components/ui/copy-button";
import { Link } from "@/components/ui/link";
import { shortName } from "@/entities/chat/choose";
import { useDataset } from "@/entities/dataset/queries";
import { jobDetailOptions } from "@/entities/job/queries";
import { useAllBaseModels } from "@/entities/model/queries";
import { useRecipeBook } from "@/entities/recipe/queries";
import { readSeal } from "@/entities/ollama/seal";
import type { DeployedFiles, DeploymentOut, JobDetail, RegisteredTag } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";
import { datasetPage, jobPage } from "@/lib/routes";

import { SealFacts } from "./seal-facts";

/** What the model is made of, to the digest. */
export function SealPanel({ deployment }: { deployment: DeploymentOut }) {
  const t = useTranslations("models.seal");
  const format = useFormat();
  const { files, tag } = deployment;
  return (
    <FactList>
      {tag ? (
        <Fact name={t("tag")}>
          <span className="inline-flex min-w-0 items-center gap-0.5">
            <code translate="no" className="font-mono text-xs break-all">
              <PersonsName>{tag.tag}</PersonsName>
            </code>
            <CopyButton text={tag.tag} label={t("copyTag")} className="-mr-1.5" />
          </span>
        </Fact>
      ) : (
        <Fact name={t("name")}>
          <code translate="no" className="font-mono text-xs">
            <PersonsName>{deployment.name}</PersonsName>
          </code>
        </Fact>
      )}
      {tag && <OfTag tag={tag} deployment={deployment} />}
      {files && <OfFiles files={files} deployment={deployment} />}
      <Fact name={t("made")}>{format.dateTime(deployment.created_at)}</Fact>
      <Fact name={t("ready")}>{deployment.ready_at ? format.dateTime(deployment.ready_at) : "–"}</Fact>
    </FactList>
  );
}

/** What Ollama was told to make, and its seal; without one, what the studio knows itself. */
function OfTag({ tag, deployment }: { tag: RegisteredTag; deployment: DeploymentOut }) {
  const t = useTranslations("models.seal");
  const seal = readSeal(tag.seal);
  return (
    <>
      <Fact name={t("route")}>{t(`routes.${tag.route}`)}</Fact>
      {tag.route === "merged" && <Fact name={t("quantised")}>{tag.quantize === "none" ? "f16" : tag.quantize}</Fact>}
      <Fact name={t("context")}>{t("tokens", { count: tag.num_ctx })}</Fact>
      {seal ? <SealFacts seal={seal} /> : <OfBase deployment={deployment} />}
      {!seal && deployment.training_job_id && <OfTraining jobId={deployment.training_job_id} />}
    </>
  );
}

function OfFiles({ files, deployment }: { files: DeployedFiles; deployment: DeploymentOut }) {
  const t = useTranslations("models.seal");
  return (
    <>
      <OfBase deployment={deployment} />
      <Fact name={t("adapter")}>
        <Digest value={files.adapter_sha256} label={t("copy")} />
      </Fact>
      {deployment.training_job_id && <OfTraining jobId={deployment.training_job_id} />}
      <Fact name={t("quantisation")}>{files.base_quantisation === "trained_gguf" ? t("asTrained") : files.base_quantisation}</Fact>
      <Fact name={t("context")}>{t("tokens", { count: files.n_ctx })}</Fact>
    </>
  );
}

function OfBase({ deployment }: { deployment: DeploymentOut }) {
  const t = useTranslations("models.seal");
  const { models } = useAllBaseModels();
  const base = models.find((one) => one.id === deployment.base_model_id);
  const copy = t("copy");
  return (
    <>
      <Fact name={t("base")}>{deployment.base_reference ? <PersonsName>{shortName(deployment.base_reference)}</PersonsName> : t("baseGone")}</Fact>
      <Fact name={t("weights")}>
        <Digest value={base?.weights_digest} label={copy} />
      </Fact>
      <Fact name={t("tokenizer")}>
        <Digest value={base?.tokenizer_hash} label={copy} />
      </Fact>
      <Fact name={t("template")}>
        <Digest value={base?.template_hash} label={copy} />
      </Fact>
    </>
  );
}

function OfTraining({ jobId }: { jobId: string }) {
  const t = useTranslations("models.seal");
  const job = useQuery(jobDetailOptions(jobId)).data;
  const datasetId = job?.inputs.dataset_id;
  return (
    <>
      {job && <AdapterSize job={job} />}
      <Fact name={t("job")}>
        <Link href={jobPage(jobId)} className="text-ai hover:underline">
          <PersonsName>{job?.name ?? jobId}</PersonsName>
        </Link>
      </Fact>
      {datasetId && <OfDataset id={datasetId} />}
    </>
  );
}

function AdapterSize({ job }: { job: JobDetail }) {
  const t = useTranslations("models.seal");
  const format = useFormat();
  const book = useRecipeBook();
  const exportId = job.stages.find(({ recipe }) => book.makes(recipe, "gguf"))?.id ?? null;
  const exported = useQuery({ ...jobDetailOptions(exportId ?? ""), enabled: exportId !== null }).data;
  const size = exported?.artifacts.find((artifact) => artifact.name.endsWith(".gguf"))?.size_bytes;
  return <Fact name={t("size")}>{format.bytes(size)}</Fact>;
}

function OfDataset({ id }: { id: string }) {
  const t = useTranslations("models.seal");
  const dataset = useDataset(id).data;
  return (
    <>
      <Fact name={t("dataset")}>
        <Link href={datasetPage(id)} className="text-ai hover:underline">
          <PersonsName>{dataset?.name ?? id}</PersonsName>
        </Link>
      </Fact>
      <Fact name={t("rows")}>
        <Digest value={dataset?.rows_sha256} label={t("copy")} />
      </Fact>
    </>
  );
}
