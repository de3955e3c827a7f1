import { useTranslations } from "next-intl";

import { Digest } from "@/components/ui/digest";
import { Drawer } from "@/components/ui/drawer";
import { Fact, FactList } from "@/components/ui/fact-list";
import { LinkButton } from "@/components/ui/link-button";
import { PersonsName } from "@/components/ui/persons-name";
import { shortName } from "@/entities/chat/choose";
import { LabelLine } from "@/entities/label/label-line";
import { licenceName } from "@/entities/model/licence";
import type { DeploymentOut, ListedBaseModel } from "@/lib/api/generated/types.gen";
import { isolated } from "@/lib/isolate";
import { useFormat } from "@/lib/use-format";
import { newTraining } from "@/lib/routes";

import { sourceWord } from "./base-models-card";
import { PrecisionNote } from "./precision-note";

interface BaseDrawerProps {
  model: ListedBaseModel;
  deployments: readonly DeploymentOut[];
  onClose: () => void;
}

/** One set of weights, to the digest, and who uses it. */
export function BaseDrawer({ model, deployments, onClose }: BaseDrawerProps) {
  const t = useTranslations("models.base");
  const words = useTranslations("models.bases");
  const format = useFormat();
  const users = deployments.filter((one) => one.base_model_id === model.id);
  const more = model.deployments - users.length;
  const named = users.map((one) => isolated(shortName(one.name))).join(", ");
  const usersWords = named === "" ? words("uses", { count: more }) : more > 0 ? t("usersMore", { named, count: more }) : named;
  const copy = t("copy");
  return (
    <Drawer
      open
      title={<PersonsName>{shortName(model.reference)}</PersonsName>}
      description={sourceWord(model.source, words)}
      onOpenChange={(open) => !open && onClose()}
      actions={
        <LinkButton variant="primary" href={newTraining({ base: model.reference })}>
          {t("train")}
        </LinkButton>
      }
    >
      {model.id !== null && (
        <div className="mb-3">
          <LabelLine thing={{ ...model, id: model.id, name: shortName(model.reference), kind: "base_model", isPlaced: true }} list="/models" />
        </div>
      )}
      {model.state === "available" && <p className="mb-3 text-pretty text-ink-2">{t("available")}</p>}
      <div className="mb-3 empty:hidden">
        <PrecisionNote quantisation={model.quantisation} />
      </div>
      <FactList>
        <Fact name={t("reference")}>
          <code translate="no" className="font-mono text-xs">
            <PersonsName>{model.reference}</PersonsName>
          </code>
        </Fact>
        {model.revision && (
          <Fact name={t("revision")}>
            <Digest value={model.revision} label={copy} />
          </Fact>
        )}
        <Fact name={t("architecture")}>{model.architecture ?? "–"}</Fact>
        <Fact name={t("parameters")}>{format.number(model.parameters)}</Fact>
        <Fact name={t("size")}>{format.bytes(model.size_bytes)}</Fact>
        {model.quantisation && <Fact name={t("quantisation")}>{model.quantisation}</Fact>}
        <Fact name={t("dtype")}>{model.dtype ?? "–"}</Fact>
        <Fact name={t("context")}>{format.number(model.context_length)}</Fact>
        <Fact name={t("vocabulary")}>{format.number(model.vocab_size)}</Fact>
        <Fact name={t("licence")}>{licenceName(model.licence) ?? t("unknown")}</Fact>
        <Fact name={t("weights")}>
          <Digest value={model.weights_digest} label={copy} />
        </Fact>
        <Fact name={t("tokenizer")}>
          <Digest value={model.tokenizer_hash} label={copy} />
        </Fact>
        <Fact name={t("template")}>
          <Digest value={model.template_hash} label={copy} />
        </Fact>
        <Fact name={t("gguf")}>
          <Digest value={model.gguf_sha256} label={copy} />
        </Fact>
        {model.path && (
          <Fact name={t("path")}>
            <code translate="no" className="font-mono text-xs">
              <PersonsName>{model.path}</PersonsName>
            </code>
          </Fact>
        )}
        <Fact name={t("usedBy")}>{usersWords}</Fact>
      </FactList>
    </Drawer>
  );
}
