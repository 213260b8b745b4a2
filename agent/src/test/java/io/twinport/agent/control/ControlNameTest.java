package io.twinport.agent.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ControlNameTest {
  private static final String NUMBERS = "00000000f090cd8f: 00000002 00000000 ";

  @Test
  void findsListenersByName() {
    List<ControlName> found =
        ControlName.all(
            List.of(
                "Num       RefCount Protocol Flags    Type St Inode Path",
                NUMBERS + "00010000 0001 01 1071433 @twinport/control/1/19031-e3065933@",
                NUMBERS + "00010000 0001 01    1433 @twinport/control/1/7-00000001"));
    assertEquals(
        List.of(new ControlName(19031, "e3065933"), new ControlName(7, "00000001")), found);
  }

  @Test
  void passesEverythingElseBy() {
    List<ControlName> found =
        ControlName.all(
            List.of(
                // A connection it has accepted, which bears the listener's name.
                NUMBERS + "00000000 0001 03 1071433 @twinport/control/1/19031-e3065933@",
                NUMBERS + "00010000 0001 01 1071433 @twinport/2/127.0.0.1:8080",
                NUMBERS + "00010000 0001 01 1071433 @twinport/control/2/19031-e3065933@",
                NUMBERS + "00010000 0001 01 1071433 @twinport/control/1/x-e3065933@",
                NUMBERS + "00010000 0001 01 1071433 @twinport/control/1/19031-e306593\u001b@",
                NUMBERS + "00010000 0001 01 1071433 @a/twinport/control/1/19031-e3065933@",
                NUMBERS + "00010000 0001 01 1071433 /tmp/twinport/control/1/19031-e3065933",
                NUMBERS + "00010000 0001 01 1071433",
                ""));
    assertEquals(List.of(), found);
  }

  @Test
  void isCalledByEitherId() {
    ControlName name = new ControlName(19031, "00019032");
    assertTrue(name.isCalled("19031"));
    assertTrue(name.isCalled("00019032"));
    assertFalse(name.isCalled("19032"));
    assertFalse(name.isCalled("1903"));
  }
}
