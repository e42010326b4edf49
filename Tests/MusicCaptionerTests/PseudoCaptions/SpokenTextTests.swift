import Testing

@testable import MusicCaptioner

@Suite struct SpokenTextTests {
  private static let caption = "A slow waltz for harp."

  @Test(arguments: [
    "X", " X\n", "<think>a</think>X", "<think>\nOkay, so…\n</think>\n\nX", "Okay, so… </think> X",
    "<think></think>X", "<think/>X", "<THINK>a</Think> X", "<think budget=\"3\">a</think >X",
    "<think>a <think> b</think> c</think> X", "<think>a</think><think>b</think>X",
    "<thinking>a</thinking>X", "<thought>a</thought>X", "<reasoning>a</reasoning>X",
    "<thought>a <|im_end|> b</thought>X", "<seed:think>a</seed:think>X", "[THINK]a[/THINK]X",
    "[think]a[/think] X", "◁think▷a◁/think▷X", "<|begin_of_thought|>a<|end_of_thought|>X",
    "<|begin_of_thought|>a<|end_of_thought|>\n<|begin_of_solution|>X<|end_of_solution|>",
    "<|START_THINKING|>a<|END_THINKING|><|START_RESPONSE|>X<|END_RESPONSE|>",
    "<|channel>thought\na<channel|>X<turn|>",
    "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>X",
    "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>X<|return|>",
    "<|start|>assistant<|channel|>final <|constrain|>text<|message|>X<|end|>",
    "<|channel|>commentary<|message|>a<|end|><|channel|>final<|message|>X<|return|>b",
    "analysisThe user wants a caption.assistantfinalX", "final<|message|>X<|return|>",
    "<|start|>assistant<|message|>X<|end|>",
    "Here is my thought process: a\nHere is my response: X",
    "<think>a</think><answer>X</answer>", "<answer>\nX\n</answer> b", "<output>X</output>",
    "X</s>", "X<|im_end|>", "X <|im_end|>\n<|im_start|>user\nMore!", "X<|eot_id|>",
    "X<|endoftext|>", "X<end_of_turn>\n", "X<eos>", "X<｜end▁of▁sentence｜>", "X<|end_of_text|>",
    "X</s><s>[INST] b", "X[/INST]", "<s> X</s>", "<|im_start|>assistant\nX<|im_end|>",
    "<|start_header_id|>assistant<|end_header_id|>\n\nX<|eot_id|>", "<start_of_turn>model\nX",
    "<|begin_of_box|>X<|end_of_box|>", "X<pad><pad>", "X<|User|>b",
    "<think>a</think>X<|im_end|><|im_start|>assistant\n<think>b",
    "<|reasoning|>hm<|/reasoning|>X", "X<unk>", "X[/s]", "X[e~[", "X[|endofturn|]",
    "&lt;think&gt;a&lt;/think&gt; X", #"\u003cthink\u003ea\u003c/think\u003e X"#,
  ])
  func theAnswerIsLeft(form: String) {
    let answer = form.replacing("X", with: Self.caption)
    #expect(SpokenText(answer) == .text(Self.caption), "\(answer)")
  }

  /// By a server that returns the whole conversation.
  @Test(arguments: [
    "[INST] p [/INST] X", "<s>[INST] <<SYS>>\ns\n<</SYS>>\n\np [/INST] X </s>",
    "[SYSTEM_PROMPT]s[/SYSTEM_PROMPT][INST]p[/INST]X</s>", "[INST]p[/INST][THINK]a[/THINK]X",
    "<|im_start|>user\np<|im_end|>\n<|im_start|>assistant\nX",
    "<|im_start|>system\ns<|im_end|>\n<|im_start|>user\np <think> <answer><|im_end|>\n"
      + "<|im_start|>assistant\n<think>\na\n</think>\n\nX<|im_end|>",
    "<|im_start|>user\np<|im_end|>\n<|im_start|>assistant\nX<|im_end|>\n<|im_start|>user\nb",
    "<|user|>\np<|end|>\n<|assistant|>\nX<|end|>", "<|system|>s</s><|user|>p</s><|assistant|>X",
    "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\ns<|eot_id|>"
      + "<|start_header_id|>user<|end_header_id|>\n\np<|eot_id|>"
      + "<|start_header_id|>assistant<|end_header_id|>\n\nX<|eot_id|>",
    "<bos><start_of_turn>user\np<end_of_turn>\n<start_of_turn>model\nX<end_of_turn>",
    "<|turn>user\np<turn|>\n<|turn>model\nX<turn|>", "<｜User｜>p<｜Assistant｜>X",
    "<|START_OF_TURN_TOKEN|><|USER_TOKEN|>p<|END_OF_TURN_TOKEN|>"
      + "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>X<|END_OF_TURN_TOKEN|>",
    "<|start_of_role|>user<|end_of_role|>p<|end_of_text|>\n"
      + "<|start_of_role|>assistant<|end_of_role|>X<|end_of_text|>",
    "<|im_user|>user<|im_middle|>p<|im_end|><|im_assistant|>assistant<|im_middle|>X<|im_end|>",
    "<|start|>user<|message|>p<|end|><|start|>assistant<|channel|>final<|message|>X<|return|>",
    "<|start|>user<|message|>p<|end|><|start|>assistant<|message|>X<|return|>",
    "]~!b[]~b]user\np[e~[\n]~b]ai\nX[e~[", "[|user|]p\n[|assistant|]X[|endofturn|]",
    "user\np\nassistant\nX", "system\n\ns\nuser\n\np\nassistant\n\nX", "user\np\nmodel\nX\n",
    "USER: p ASSISTANT: X", "Human: p\n\nAssistant: X\n\nHuman: b",
    "Below is an instruction.\n\n### Instruction:\np\n\n### Response:\nX",
  ])
  func aRepeatedPromptIsNotTheAnswer(form: String) {
    let answer = form.replacing("X", with: Self.caption)
    #expect(SpokenText(answer) == .text(Self.caption), "\(answer)")
  }

  @Test(arguments: [
    "[INST] p", "[INST] p [/INST]", "<|im_start|>user\np<|im_end|>\n<|im_start|>assistant\n",
    "<|user|>p<|end|>",
  ])
  func aPromptAloneIsNoAnswer(answer: String) {
    #expect(SpokenText(answer) == .text(""), "\(answer)")
  }

  @Test(arguments: [
    "<think> Okay, so the user wants", "<think>a</think><think>b", "<thought>", "[THINK]a",
    "◁think▷a", "<|begin_of_thought|>a", "<|channel|>analysis<|message|>We need",
    "<THINKING>a", "A waltz. <think> Wait", "analysisThe user wants", "<|channel>thought\na",
    "Here is my thought process: a", "<|channel|>analysis",
    "analysis<|message|>We need", "<|start|>assistant analysis<|message|>We need<|end|>",
  ])
  func reasoningWithoutAnEndIsNoAnswer(answer: String) {
    #expect(SpokenText(answer) == .absent("reasoning without an end"), "\(answer)")
  }

  @Test(arguments: [
    "<think>a</think>", "<think>a</think>\n<|im_end|>", "Okay, so </think>",
    "<|channel|>analysis<|message|>a<|end|>",
    "<|channel|>analysis<|message|>a<|end|><|channel|>final<|message|><|return|>",
    "analysisAssistantfinal".replacing("A", with: "a"),
  ])
  func reasoningAloneIsNoAnswer(answer: String) {
    #expect(SpokenText(answer) == .absent("nothing but reasoning"), "\(answer)")
  }

  @Test(arguments: [
    "A song with a tempo < 120 bpm and > 90 bpm.", "I <3 this song.", "[Verse] a slow [Chorus].",
    "A <b>bold</b> track.", "Drums | bass <| guitar |> keys.", "A thinking song [think about it].",
    "analysis of a fugue", "Harp → flute ◁ oboe ▷", "a << b", "<", "[", "<|", "A song called </3.",
    "It says: I think <this> is it.", "5/4 time [sic]", "\u{2019}Tis <thinker> music",
    "<strings> and [brass]",
    "Tempo &lt; 120 &amp; &gt; 90", "A user: model and assistant", "[|] and ]~ here",
    "A <|very long name with spaces|> song",
  ])
  func captionsKeepTheirBrackets(caption: String) {
    #expect(SpokenText(caption) == .text(caption))
  }

  @Test func hostileAnswersTakeLinearTime() {
    for mark in [
      "<|channel|>", "<|channel|>final<|message|>", "<think>", "</think>", "<|im_end|>", "<", "[",
      "<think", "◁", "<|a|>", "<|channel|><|a|>", "analysis", "[INST]",
      "[/INST]", "<|user|>", "### Instruction:### Response:", "user\nassistant\n", "&lt;think&gt;",
      "<a " + String(repeating: " ", count: 99),
    ] {
      _ = SpokenText(String(repeating: mark, count: 400_000 / mark.utf8.count))
    }
  }
}
