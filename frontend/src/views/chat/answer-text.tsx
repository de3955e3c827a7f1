import { lazy, memo, Suspense, useDeferredValue } from "react";

const Markdown = lazy(() => import("./markdown").then((module) => ({ default: memo(module.Markdown) })));

interface AnswerTextProps {
  text: string;
  /** A growing answer may lag behind what has come; one that is called whole is drawn whole. */
  isGrowing: boolean;
}

/** An answer, also while it grows. Until the renderer has come it shows as it was written. */
export function AnswerText({ text, isGrowing }: AnswerTextProps) {
  const deferred = useDeferredValue(text);
  const drawn = isGrowing ? deferred : text;
  return (
    <Suspense fallback={<p className="text-base whitespace-pre-wrap">{text}</p>}>
      <Markdown text={drawn} />
    </Suspense>
  );
}
