package io.twinport.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class FigureTest {
  @Test
  void medianIsTheMiddle() {
    assertEquals(new Figure(2, 1, 9, 3), Figure.of(List.of(9.0, 1.0, 2.0)));
    assertEquals(new Figure(3, 1, 9, 4), Figure.of(List.of(9.0, 1.0, 2.0, 4.0)));
    assertThrows(IllegalArgumentException.class, () -> Figure.of(List.of()));
  }

  @Test
  void pairsThatAllDifferAlikeLeaveNoDoubt() {
    Figure figure = Figure.ofPairs(List.of(2.0, 4.0, 8.0), List.of(1.0, 2.0, 4.0));
    assertEquals(2, figure.median(), 1e-9);
    assertEquals(2, figure.low(), 1e-9);
    assertEquals(2, figure.high(), 1e-9);
  }

  @Test
  void intervalIsStudents() {
    // Logarithms -0.1, 0, 0.1: mean 0, error 0.1 / sqrt(3), t(2) at 97.5 % is 4.30265.
    List<Double> values = List.of(Math.exp(-0.1), 1.0, Math.exp(0.1));
    Figure figure = Figure.ofPairs(values, List.of(1.0, 1.0, 1.0));
    assertEquals(1, figure.median(), 1e-9);
    assertEquals(Math.exp(4.30265 * 0.1 / Math.sqrt(3)), figure.high(), 1e-5);
    assertEquals(1 / figure.high(), figure.low(), 1e-9);
  }

  @Test
  void pairsHaveTwoSides() {
    assertThrows(
        IllegalArgumentException.class, () -> Figure.ofPairs(List.of(1.0, 2.0), List.of(1.0)));
    assertThrows(IllegalArgumentException.class, () -> Figure.ofPairs(List.of(1.0), List.of(1.0)));
  }

  @Test
  void numbersHaveThreeDigits() {
    assertEquals("0", Text.number(0));
    assertEquals("0.012", Text.number(0.0123));
    assertEquals("0.123", Text.number(0.1234));
    assertEquals("1.23", Text.number(1.234));
    assertEquals("12.3", Text.number(12.34));
    assertEquals("-123", Text.number(-123.4));
    assertEquals("1234", Text.number(1234));
    assertEquals("12,346", Text.number(12345.6));
  }
}
