import { lazy, memo, Suspense, useDeferredValue } from "react";

const Markdown = lazy(() => import("./markdown").then((module) => ({ default: memo(module.Markdown) })));

/** An answer, also while it grows. Until the renderer has come it shows as it was written. */
export function AnswerText({ text }: { text: string }) {
  const drawn = useDeferredValue(text);
  return (
    <Suspense fallback={<p className="text-base whitespace-pre-wrap">{text}</p>}>
      <Markdown text={drawn} />
    </Suspense>
  );
}
