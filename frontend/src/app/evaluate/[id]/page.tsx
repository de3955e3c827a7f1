import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { createLoader, parseAsString } from "nuqs/server";

import { FirstAnswers, nameFor } from "@/app/first-answers";
import { Words } from "@/app/words";
import { evaluationOptions } from "@/entities/evaluation/queries";
import { EvaluateView } from "@/views/evaluate/evaluate-view";
import { evaluateReads } from "@/views/evaluate/reads";

const addressOf = createLoader({ with: parseAsString });

export async function generateMetadata({ params }: PageProps<"/evaluate/[id]">): Promise<Metadata> {
  const { id } = await params;
  const t = await getTranslations("nav.pages");
  const name = await nameFor(async (client) => ({ name: (await client.query(evaluationOptions(id))).job_name }));
  return { title: name ?? t("evaluations") };
}

export default async function EvaluatePage({ params, searchParams }: PageProps<"/evaluate/[id]">) {
  const { id } = await params;
  const { with: other } = await addressOf(searchParams);
  return (
    <FirstAnswers reads={evaluateReads(id, other)}>
      <Words of="/evaluate/[id]">
        <EvaluateView id={id} />
      </Words>
    </FirstAnswers>
  );
}
