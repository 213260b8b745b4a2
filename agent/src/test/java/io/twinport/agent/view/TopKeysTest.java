package io.twinport.agent.view;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.agent.view.TopKeys.Effect;
import org.junit.jupiter.api.Test;

class TopKeysTest {
  private final TopKeys keys = new TopKeys("rate", 0);

  private Effect press(String typed) {
    Effect last = Effect.NONE;
    for (int i = 0; i < typed.length(); i++) {
      last = keys.press(typed.charAt(i));
    }
    return last;
  }

  @Test
  void sGoesThroughTheOrdersAndBeginsAnew() {
    for (int i = 1; i <= TopKeys.ORDERS.size(); i++) {
      assertEquals(Effect.CHANGED, press("s"));
      assertEquals(TopKeys.ORDERS.get(i % TopKeys.ORDERS.size()), keys.order());
    }
  }

  @Test
  void pAsksForAPort() {
    assertEquals("s: sort (rate)  p: port (all)  q: quit", keys.line());
    assertEquals(Effect.NONE, press("p80x8"));
    assertEquals("port, none for all: 808", keys.line());
    assertEquals(Effect.CHANGED, press("1\u007f0\r"));
    assertEquals(8080, keys.port());
    assertEquals("s: sort (rate)  p: port (8080)  q: quit", keys.line());
    assertEquals(Effect.CHANGED, press("p\n"));
    assertEquals(0, keys.port());
  }

  @Test
  void whatIsNoPortAndEscapeLeaveItAsItWas() {
    press("p80\n");
    assertEquals(Effect.NONE, press("p99999\n"));
    assertEquals(Effect.NONE, press("p123456\u001b"));
    assertEquals(80, keys.port());
    assertEquals("s: sort (rate)  p: port (80)  q: quit", keys.line());
  }

  @Test
  void qQuitsUnlessAPortIsBeingTypedAndTheTerminalsEndAlways() {
    assertEquals(Effect.NONE, press("pq"));
    assertEquals(Effect.QUIT, keys.press(-1));
    assertEquals(Effect.QUIT, press("\u001bq"));
  }

  @Test
  void otherKeysDoNothing() {
    assertEquals(Effect.NONE, press("xS\u001b[A\t \u0003"));
    assertEquals("rate", keys.order());
  }
}
