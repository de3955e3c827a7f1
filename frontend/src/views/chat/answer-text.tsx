import { lazy, memo, Suspense, useDeferredValue } from "react";

import { plainParagraphs } from "./plain";

const Markdown = lazy(() => import("./markdown").then((module) => ({ default: memo(module.Markdown) })));

interface AnswerTextProps {
  text: string;
  /** A growing answer may lag behind what has come; one that is called whole is drawn whole. */
  isGrowing: boolean;
}

/** An answer, also while it grows. What draws Markdown comes with the first that has some; until then it shows as it was written. */
export function AnswerText({ text, isGrowing }: AnswerTextProps) {
  const deferred = useDeferredValue(text);
  const drawn = isGrowing ? deferred : text;
  const paragraphs = plainParagraphs(drawn);
  if (paragraphs) {
    return (
      <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-2 text-base">
        {paragraphs.map((paragraph, index) => (
          <p key={index} className="whitespace-pre-wrap">
            {paragraph}
          </p>
        ))}
      </div>
    );
  }
  return (
    <Suspense fallback={<p className="text-base whitespace-pre-wrap">{text}</p>}>
      <Markdown text={drawn} />
    </Suspense>
  );
}
