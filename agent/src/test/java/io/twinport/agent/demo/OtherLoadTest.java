package io.twinport.agent.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class OtherLoadTest {
  @Test
  void aMachineThatOthersUseIsCalledBusy() {
    assertNull(OtherLoad.warning(0, 0));
    assertNull(OtherLoad.warning(14, 100));
    assertEquals(
        "This machine is busy: others take 15 % of its processors. Figures mean little.",
        OtherLoad.warning(15, 100));
    assertTrue(OtherLoad.warning(100, 100).length() <= 80);
  }

  @Test
  void theKernelTells() throws Exception {
    String warning = OtherLoad.warning();
    assertTrue(warning == null || warning.matches(".* \\d+ % .*"), warning);
  }
}
