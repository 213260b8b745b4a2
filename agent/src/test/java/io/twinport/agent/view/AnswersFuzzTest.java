package io.twinport.agent.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.twinport.agent.control.ControlFuzz;
import io.twinport.agent.control.ControlJson;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;

/** What others may answer in place of a control endpoint. */
class AnswersFuzzTest extends ControlFuzz {
  @FuzzTest
  void input(byte[] input) throws InterruptedException {
    List<Map<String, Object>> answers = ask(input);
    StringWriter shown = new StringWriter();
    PrintWriter out = new PrintWriter(shown);
    StatusReport.printOverview(answers, out);
    answers.forEach(answer -> StatusReport.print(answer, false, out));
    answers.forEach(answer -> StatusReport.print(answer, true, out));
    assertEquals(answers, ControlJson.parse(ControlJson.write(answers)), "written as it was read");
    // A terminal would do what an answer tells it.
    assertTrue(
        shown.toString().chars().allMatch(c -> c == '\n' || !Character.isISOControl(c)),
        shown::toString);
    checkWhatWasSaid();
  }
}
