package io.twinport.config;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockingOperationError;

class HintsTest {
  @Test
  void blockHoundsErrorDoesNotReachWhoSpins() {
    assertDoesNotThrow(() -> Hints.failed(new BlockingOperationError()));
  }

  @Test
  void otherErrorsDo() {
    Error error = new StackOverflowError();
    assertSame(error, assertThrows(StackOverflowError.class, () -> Hints.failed(error)));
  }
}
