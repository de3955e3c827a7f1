import { useTranslations } from "next-intl";
import { Fragment } from "react";

import { Digest } from "@/components/ui/digest";
import { Fact } from "@/components/ui/fact-list";
import { Link } from "@/components/ui/link";
import { useDatasetNames } from "@/entities/job/use-job-names";
import { shortName } from "@/entities/chat/choose";
import type { Seal } from "@/entities/ollama/seal";
import { datasetPage, jobPage } from "@/lib/routes";


const DIGESTS = ["baseWeights", "baseGguf", "tokenizer", "template", "adapter", "gguf"] as const;

/** The seal of a registered model, line by line. What another tool made tells less. */
export function SealFacts({ seal }: { seal: Seal }) {
  const t = useTranslations("models.seal");
  const names = useDatasetNames([seal.datasetId]);
  const { trainingJobId: job, datasetId: dataset } = seal;
  return (
    <Fragment>
      {seal.baseReference && (
        <Fact name={t("base")}>
          <span title={seal.baseReference}>{shortName(seal.baseReference)}</span>
        </Fact>
      )}
      {DIGESTS.map((name) => (
        <Fact key={name} name={t(`digests.${name}`)}>
          <Digest value={seal[name]} label={t("copy")} />
        </Fact>
      ))}
      {job && (
        <Fact name={t("job")}>
          <Link href={jobPage(job)} className="text-ai hover:underline">
            {t("toJob")}
          </Link>
        </Fact>
      )}
      {dataset && (
        <Fact name={t("dataset")}>
          <Link href={datasetPage(dataset)} className="text-ai hover:underline">
            {names.get(dataset) ?? dataset}
          </Link>
        </Fact>
      )}
      <Fact name={t("digests.dataset")}>
        <Digest value={seal.dataset} label={t("copy")} />
      </Fact>
      <Fact name={t("digests.config")}>
        <Digest value={seal.config} label={t("copy")} />
      </Fact>
    </Fragment>
  );
}
