package io.twinport.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CaptureRequestTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "/tmp/x.pcapng", "/tmp/a b=to=ü\n%", "standard output"})
  void readsItsOwnWords(String destination) {
    CaptureRequest request = new CaptureRequest(CaptureFilter.parse("port=80"), destination);
    assertEquals(request, CaptureRequest.parse(request.words()));
    assertEquals(1, request.words().lines().count());
  }

  @Test
  void ofALongDestinationTheEndIsKept() {
    String kept = new CaptureRequest(CaptureFilter.ALL, "x".repeat(4096) + "end").destination();
    assertTrue(kept.startsWith("...x") && kept.endsWith("end") && kept.length() < 300, kept);
  }

  @Test
  void whatIsEncodedWrongIsSaid() {
    assertThrows(IllegalArgumentException.class, () -> CaptureRequest.parse(" snap=1 to=%zz"));
  }
}
