"use client";

const PAGE = {
  font: "14px/1.6 system-ui, sans-serif",
  maxWidth: "32rem",
  margin: "18vh auto",
  padding: "0 1.5rem",
} as const;

/** When even the layout fails there are no messages and no styles: both languages, plain. */
export default function GlobalError({ retry }: { error: unknown; retry: () => void }) {
  return (
    <html lang="ja" style={{ colorScheme: "light dark" }}>
      <body style={PAGE}>
        <title>llmlora</title>
        <p>ページを表示できませんでした。もう一度読み込んでください。続くときは、サーバーのログを見てください。</p>
        <p lang="en">The page could not be shown. Load it again; if that does not help, look at the log of the server.</p>
        <button onClick={() => retry()}>もう一度 / Try again</button>
      </body>
    </html>
  );
}
