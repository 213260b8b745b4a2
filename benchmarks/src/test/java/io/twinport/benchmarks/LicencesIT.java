package io.twinport.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.licences.PackedParties;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The benchmarks' jar has the licences of all that is in it. */
class LicencesIT {
  @Test
  void ofEachThirdParty() throws IOException {
    Path jar = Path.of(System.getProperty("twinport.benchmarks.jar"));
    assertEquals(List.of(), new PackedParties(jar, "META-INF/licenses/", Map.of()).missing());
  }
}
