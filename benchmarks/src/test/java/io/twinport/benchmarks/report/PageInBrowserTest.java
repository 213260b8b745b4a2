package io.twinport.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Placement;
import io.twinport.benchmarks.ends.Setting;
import io.twinport.benchmarks.ends.Transport;
import io.twinport.benchmarks.suite.Suite;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The page as Chromium shows it. The pictures stay in {@code target/screenshots}, to be looked at:
 *
 * <pre>
 * mvn test -pl benchmarks -am -DexcludedGroups=none -Dtest=PageInBrowserTest \
 *   -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 */
@Tag("by-hand")
class PageInBrowserTest {
  private static final Path FOLDER = Path.of("target", "screenshots").toAbsolutePath();
  private static final int HEIGHT = 9_000;
  private static final Pattern SEEN = Pattern.compile("data-seen=\"(\\d+) (\\d+) (\\w+)\"");

  @BeforeAll
  static void write() throws IOException {
    Samples samples = new Samples();
    for (Transport transport : Transport.values()) {
      for (Placement pin : List.of(Placement.NONE, Placement.ONE)) {
        if (transport == Transport.RING && pin == Placement.ONE) {
          continue;
        }
        Setting setting = new Setting(transport, transport == Transport.RING ? Placement.TWO : pin);
        for (int bytes : new int[] {1, 64, 16384, 1 << 20}) {
          for (String metric : List.of("p0", "p50", "p90", "p99", "p99.9", "p99.99")) {
            Sample.Row row =
                new Sample.Row(
                    "roundtrip",
                    setting.api(Api.CHANNEL),
                    Integer.toString(bytes),
                    setting,
                    metric,
                    "us");
            for (int slice = 0; slice < 3; slice++) {
              double micros =
                  base(transport)
                      * (pin == Placement.ONE ? 0.5 : 1)
                      * Math.pow(bytes, 0.2)
                      * (metric.length() + slice * 0.1);
              samples.add(new Sample(row, 0, slice, micros));
            }
          }
        }
      }
    }
    Files.createDirectories(FOLDER);
    new Report(
            samples,
            Suite.headings(),
            List.of("This machine was busy."),
            List.of("quota: no control groups here"),
            List.of("2 processors, Linux, JDK 17", "run roundtrip: 1 round of 3 slices of 100 ms"))
        .write(FOLDER);
  }

  private static double base(Transport transport) {
    return switch (transport) {
      case TCP -> 20;
      case SAN -> 1;
      case UNIX -> 7;
      case RING -> 0.5;
    };
  }

  @ParameterizedTest
  @CsvSource({"390, false", "390, true", "1200, false", "1200, true"})
  void fitsAndIsColoured(int width, boolean dark) throws IOException, InterruptedException {
    String name = width + (dark ? "-dark" : "-light");
    // Windows have a least width; frames have none.
    Path frame = FOLDER.resolve(name + ".html");
    Files.writeString(
        frame,
        """
        <!DOCTYPE html><body style="margin:0">
        <iframe src="%s" style="border:0;width:%dpx;height:%dpx" onload="
          const page = contentWindow;
          document.body.dataset.seen = page.innerWidth + ' '
            + page.document.documentElement.scrollWidth + ' '
            + page.matchMedia('(prefers-color-scheme: dark)').matches"></iframe>
        """
            .formatted(Report.HTML, width, HEIGHT));
    Path picture = FOLDER.resolve(name + ".png");
    String dom = chromium(width, dark, "--dump-dom", frame);
    Matcher seen = SEEN.matcher(dom);
    assertTrue(seen.find(), dom);
    assertEquals(List.of(width, width), List.of(number(seen, 1), number(seen, 2)), "sideways");
    assertEquals(Boolean.toString(dark), seen.group(3));

    chromium(width, dark, "--screenshot=" + picture, frame);
    BufferedImage image = ImageIO.read(picture.toFile());
    assertEquals(dark ? 0x15171a : 0xffffff, image.getRGB(2, 2) & 0xffffff, "the ground");
    // In plots and bars.
    assertShows(image, dark ? 0xe69f00 : 0xd55e00, "TCP");
    assertShows(image, dark ? 0x56b4e9 : 0x0072b2, "the SAN");
    assertShows(image, 0x009e73, "UNIX-domain channels");
  }

  private static int number(Matcher seen, int group) {
    return Integer.parseInt(seen.group(group));
  }

  private static void assertShows(BufferedImage image, int color, String of) {
    long count = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        if ((image.getRGB(x, y) & 0xffffff) == color) {
          count++;
        }
      }
    }
    assertTrue(count > 500, "the colour of " + of + " has " + count + " pixels only");
  }

  /** Its standard output. */
  private static String chromium(int width, boolean dark, String what, Path page)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--allow-file-access-from-files",
                "--window-size=" + width + "," + HEIGHT,
                what));
    // 0 is dark, 1 is light.
    command.add("--blink-settings=preferredColorScheme=" + (dark ? 0 : 1));
    command.add(page.toUri().toString());
    File output = FOLDER.resolve("chromium.out").toFile();
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectOutput(output)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      return fail("this test needs Chromium (Debian: apt-get install chromium): " + e.getMessage());
    }
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      fail("Chromium hangs: " + command);
    }
    assertEquals(0, process.exitValue(), command.toString());
    return Files.readString(output.toPath());
  }
}
