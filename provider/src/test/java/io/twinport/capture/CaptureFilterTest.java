package io.twinport.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CaptureFilterTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "snap=32768",
        "port=80 snap=10",
        "port=80,81 local=1,65535 remote=2 peer=10.0.0.0/8 snap=0 buffer=16777216"
      })
  void readsItsOwnWords(String words) {
    assertEquals(words, CaptureFilter.parse(words).words());
  }

  @Test
  void saysWhatItLetsThrough() {
    assertEquals("all ports", CaptureFilter.ALL.describe());
    assertEquals(
        "ports 80, 81, local port 5, peers 127.0.0.1/32",
        CaptureFilter.parse("port=80,81 local=5 peer=127.0.0.1").describe());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "port=",
        "port=0",
        "port=65536",
        "port=80,",
        "port=-1",
        "port=99999999999999999999",
        "snap=x",
        "peer=localhost",
        "peer=10.0.0.0/33",
        "buffer=-5",
        "colour=red",
        "port",
        "=",
        "port=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17"
      })
  void refusesWhatMakesNoSense(String words) {
    assertThrows(IllegalArgumentException.class, () -> CaptureFilter.parse(words));
  }
}
