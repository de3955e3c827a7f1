import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { FirstAnswers } from "@/app/first-answers";
import { jobReads } from "@/views/job/reads";
import { JobView } from "@/views/job/job-view";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav.pages");
  return { title: t("training") };
}

export default async function JobPage({ params }: PageProps<"/training/[id]">) {
  const { id } = await params;
  return (
    <FirstAnswers reads={jobReads(id)}>
      <JobView id={id} />
    </FirstAnswers>
  );
}
