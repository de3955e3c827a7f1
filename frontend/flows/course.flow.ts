/** A course of tutorial/docs, done step by step as it tells (backend/llmlora/features/courses/reading.py reads it). */
import { readFileSync } from "node:fs";

import type { Page } from "playwright-core";
import { describe, test } from "vitest";

import { CourseHand, type Step } from "./support/course";
import { MINUTE_MS } from "./support/patience";
import { walkThrough } from "./support/walk";


interface Course {
  name: string;
  language: "ja" | "en";
  steps: Step[];
}

const course = JSON.parse(readFileSync(process.env.COURSE ?? "", "utf8")) as Course;
const sections = [...new Set(course.steps.map(({ section }) => section))];

describe(`${course.name} (${course.language})`, () => {
  let page: Page;
  walkThrough(course.name, (walk) => ({ page } = walk), {
    locale: course.language === "ja" ? "ja-JP" : "en-US",
    viewport: { width: 1024, height: 720 },
    reducedMotion: "reduce",
  });

  test.each(sections)("%s", { timeout: 60 * MINUTE_MS }, async (section) => {
    const hand = new CourseHand(page, course.language);
    for (const step of course.steps.filter((one) => one.section === section)) {
      await hand.does(step).catch((error: unknown) => {
        const words = `${course.name} (${course.language}), line ${step.line}: ${step.op} ${step.label} ${step.value}`;
        throw new Error(`${words}\n${error instanceof Error ? error.message : String(error)}`);
      });
    }
  });
});
