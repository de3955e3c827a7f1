"use client";

import { useTranslations } from "next-intl";

import { Card } from "@/components/ui/card";

import { FileDoor } from "./file-door";
import { SampleDoor } from "./sample-door";

/** For the very first visit: two ways to a first answer, with a file or without one. */
export function FirstSteps() {
  const t = useTranslations("home.first");
  return (
    <div className="grid gap-3 md:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <Card title={t("file.title")}>
        <FileDoor />
      </Card>
      <Card title={t("sample.title")}>
        <SampleDoor />
      </Card>
    </div>
  );
}
