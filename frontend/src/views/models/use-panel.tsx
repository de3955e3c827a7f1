import { useTranslations } from "next-intl";

import { CodeBlock } from "@/components/ui/code-block";
import { curlOf, pythonOf } from "@/entities/model/snippets";
import { useSession } from "@/entities/system/queries";
import { useApiUrl } from "@/lib/api/address";
import type { DeploymentOut } from "@/lib/api/generated/types.gen";

/** How programs talk to it: OpenAI's form. */
export function UsePanel({ deployment }: { deployment: Pick<DeploymentOut, "name" | "state"> }) {
  const t = useTranslations("models.use");
  const apiUrl = useApiUrl();
  const needsToken = useSession().data?.token_required ?? false;
  const question = t("question");
  return (
    <div className="grid gap-3">
      <p className="text-pretty text-ink-2">{t(deployment.state === "ready" ? "description" : "notReady")}</p>
      <CodeBlock title="curl" code={curlOf(apiUrl, deployment.name, question, needsToken)} />
      <CodeBlock title="Python (openai)" code={pythonOf(apiUrl, deployment.name, question, needsToken)} />
    </div>
  );
}
