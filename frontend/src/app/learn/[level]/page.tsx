import type { Metadata } from "next";
import { getLocale, getTranslations } from "next-intl/server";
import { redirect } from "next/navigation";

import { FirstAnswers, nameFor } from "@/app/first-answers";
import { Words } from "@/app/words";
import { courseOptions } from "@/entities/course/queries";
import { courseReads } from "@/views/course/reads";
import { CourseView } from "@/views/course/course-view";

type Props = PageProps<"/learn/[level]">;

/** Levels are digits; from any other address one comes to the list of them. */
async function levelOf({ params }: Props): Promise<number> {
  const { level } = await params;
  if (!/^[1-9]$/.test(level)) redirect("/learn");
  return Number(level);
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const [level, language, t] = [await levelOf(props), await getLocale(), await getTranslations("nav.pages")];
  const name = await nameFor((client) => client.query(courseOptions(level, language)).then(({ title }) => ({ name: title })));
  return { title: name ?? t("learn") };
}

export default async function CoursePage(props: Props) {
  const level = await levelOf(props);
  return (
    <FirstAnswers reads={courseReads(level, await getLocale())}>
      <Words of="/learn/[level]">
        <CourseView level={level} />
      </Words>
    </FirstAnswers>
  );
}
