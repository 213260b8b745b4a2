package io.twinport.benchmarks.ends;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlacementTest {
  @Test
  void readsTheKernelsLists() {
    assertEquals(List.of(0), Placement.parseList("0"));
    assertEquals(List.of(0, 1, 2, 3, 8), Placement.parseList("0-3,8"));
  }

  @Test
  void nonePlacesNobody() throws IOException {
    assertTrue(Placement.NONE.clientPrefix().isEmpty());
    assertTrue(Placement.NONE.serverPrefix().isEmpty());
  }

  @Test
  void onePlacesBothOnOneProcessor() throws IOException {
    assertEquals(3, Placement.ONE.clientPrefix().size());
    assertEquals(Placement.ONE.clientPrefix(), Placement.ONE.serverPrefix());
  }
}
