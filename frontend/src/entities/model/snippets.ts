/** The call of /v1/chat/completions as a shell command; the question stays what it is, also with quotes in it. */
export function curlOf(apiUrl: string, model: string, question: string, needsToken: boolean): string {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: question }] }, null, 2).replaceAll("'", "'\\''");
  const lines = [
    `curl ${apiUrl}/v1/chat/completions`,
    needsToken && `  -H "Authorization: Bearer $LLMLORA_API_TOKEN"`,
    `  -H 'Content-Type: application/json'`,
    `  -d '${body}'`,
  ];
  return lines.filter((line) => line !== false).join(" \\\n");
}

/** The same with OpenAI's Python package. */
export function pythonOf(apiUrl: string, model: string, question: string, needsToken: boolean): string {
  const key = needsToken ? `os.environ["LLMLORA_API_TOKEN"]` : `"none"`;
  return [
    ...(needsToken ? ["import os", ""] : []),
    "from openai import OpenAI",
    "",
    `client = OpenAI(base_url=${JSON.stringify(`${apiUrl}/v1`)}, api_key=${key})`,
    "answer = client.chat.completions.create(",
    `    model=${JSON.stringify(model)},`,
    `    messages=[{"role": "user", "content": ${JSON.stringify(question)}}],`,
    ")",
    "print(answer.choices[0].message.content)",
  ].join("\n");
}
