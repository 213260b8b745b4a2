package io.twinport.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class OtherLoadTest {
  private static OtherLoad.Moment moment(String machine, String own) {
    return OtherLoad.Moment.parse(
        machine, "4711 (java (x) y) S 1 4711 4711 0 -1 0 0 0 0 0 " + own + " 20 0 30 0 100 0");
  }

  private final OtherLoad.Moment begin = moment("cpu  100 0 50 1000 5 1 2 10 0 0", "10 5 60 25");

  @Test
  void readsWhatTheKernelWrites() {
    assertEquals(new OtherLoad.Moment(1168, 150, 10, 100), begin);
  }

  @Test
  void ownProcessesAreNotOthers() {
    OtherLoad.Moment end = moment("cpu  500 0 150 1500 5 1 2 10 0 0", "20 5 500 65");
    assertEquals(10 / 1000.0, begin.others(end));
    assertEquals(List.of(), OtherLoad.warnings(begin, end, "during the run"));
  }

  @Test
  void warnsOfOthers() {
    OtherLoad.Moment end = moment("cpu  400 0 250 1500 5 1 2 10 0 0", "10 5 150 25");
    assertEquals(
        List.of(
            "This machine was busy: other programs used 41 % of its processor time during the run."
                + " Run it again when nothing else runs."),
        OtherLoad.warnings(begin, end, "during the run"));
  }

  @Test
  void warnsOfAHostThatIsBusy() {
    OtherLoad.Moment end = moment("cpu  100 0 50 1900 5 1 2 110 0 0", "10 5 60 25");
    assertEquals(
        List.of(
            "This virtual machine's host was busy: it kept back 10 % of the processor time before"
                + " the run."),
        OtherLoad.warnings(begin, end, "before the run"));
  }

  @Test
  void noTimeIsNoLoad() {
    assertEquals(List.of(), OtherLoad.warnings(begin, begin, "during the run"));
  }

  @Test
  void thisMachineCanBeRead() throws IOException {
    OtherLoad.Moment now = OtherLoad.Moment.now();
    assertTrue(now.all() > now.busy() && now.busy() > 0 && now.own() >= 0, now.toString());
  }
}
