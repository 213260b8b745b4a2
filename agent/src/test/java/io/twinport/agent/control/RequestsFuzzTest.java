package io.twinport.agent.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.Map;

/** What others may ask the control endpoint. */
class RequestsFuzzTest extends ControlFuzz {
  @FuzzTest
  void input(byte[] input) {
    int length = 0;
    while (length < input.length && input[length] != '\n') {
      length++;
    }
    String answer = request(Arrays.copyOf(input, length));
    checkWhatWasSaid();
    if (answer.isEmpty()) {
      assertTrue(length > 200, "no answer");
      return;
    }
    assertEquals(1, answer.lines().count(), answer);
    assertTrue(ControlJson.parse(answer) instanceof Map<?, ?>, answer);
    assertEquals(id(), ((Map<?, ?>) ControlJson.parse(answer)).get("id"));
  }
}
