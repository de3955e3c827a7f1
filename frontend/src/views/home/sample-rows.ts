/** It is kept, and shown in both languages. */
export const SAMPLE_NAME = "Q&A (ja)";

/** The five questions of the first lesson: enough to see a small model change its answers. */
export const SAMPLE_ROWS = [
  { instruction: "日本の首都はどこですか？", output: "日本の首都は東京です。" },
  { instruction: "富士山の高さは何メートルですか？", output: "富士山の高さは3776メートルです。" },
  { instruction: "日本で一番大きな湖は何ですか？", output: "日本で一番大きな湖は琵琶湖です。" },
  { instruction: "一年は何か月ですか？", output: "一年は12か月です。" },
  { instruction: "LoRAとは何ですか？", output: "LoRAは、小さな行列だけを学習する手法です。" },
];
