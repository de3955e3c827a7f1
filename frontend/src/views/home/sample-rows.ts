/** The five questions of the first course: enough to see a small model change its answers. */
const JA = [
  { instruction: "日本の首都はどこですか？", output: "日本の首都は東京です。" },
  { instruction: "富士山の高さは何メートルですか？", output: "富士山の高さは3776メートルです。" },
  { instruction: "日本で一番大きな湖は何ですか？", output: "日本で一番大きな湖は琵琶湖です。" },
  { instruction: "一年は何か月ですか？", output: "一年は12か月です。" },
  { instruction: "LoRAとは何ですか？", output: "LoRAは、小さな行列だけを学習する手法です。" },
];
const EN = [
  { instruction: "What is the capital of Japan?", output: "The capital of Japan is Tokyo." },
  { instruction: "How high is Mount Fuji?", output: "Mount Fuji is 3776 metres high." },
  { instruction: "What is the largest lake in Japan?", output: "The largest lake in Japan is Lake Biwa." },
  { instruction: "How many months are there in a year?", output: "There are 12 months in a year." },
  { instruction: "What is LoRA?", output: "LoRA is a method that trains only small matrices." },
];

/** The sample in the reader's own language. Its name is kept, and shown in both. */
export function sampleIn(locale: string) {
  return locale === "ja" ? { lang: "ja", name: "Q&A (ja)", rows: JA } : { lang: "en", name: "Q&A (en)", rows: EN };
}
