package io.twinport.agent.transforms;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.twinport.jdk.OwnClasses;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is known of this JDK's classes is what would be made of them, and nothing else is known. */
@Timeout(120) // A file that is damaged may also send its reader round and round.
class KnownClassesTest {
  static Collection<List<Transform>> ofThisJdk() {
    return KnownClassesGenerator.ofThisJdk();
  }

  private static byte[] file() throws IOException {
    return OwnClasses.read(KnownClasses.FILE);
  }

  /** A JDK that nobody has added is no failure: its classes are changed as they are loaded. */
  static void assumeThisJdkIsKnown() throws IOException {
    for (List<Transform> transforms : ofThisJdk()) {
      boolean known =
          KnownClasses.change(KnownClassesGenerator.classFile(transforms), transforms) != null;
      String message =
          "JDK " + Runtime.version() + " IS NOT KNOWN: " + transforms.get(0).owner() + " is new";
      if (!known) {
        System.err.println(message + ". To add it see docs/architecture.md");
      }
      assumeTrue(known, message);
    }
  }

  @Test
  void allIsWhatWouldBeMadeToday() throws IOException {
    assertEquals(
        KnownClassesGenerator.maker(),
        ByteBuffer.wrap(file()).getInt(),
        "transforms are made otherwise: have all JDKs added again, see docs/architecture.md");
  }

  @ParameterizedTest
  @MethodSource("ofThisJdk")
  void whatIsKnownIsWhatIsMade(List<Transform> transforms) throws IOException {
    byte[] classFile = KnownClassesGenerator.classFile(transforms);
    byte[] known = KnownClasses.change(classFile, transforms);
    if (known == null) {
      assumeThisJdkIsKnown();
    }
    assertArrayEquals(KnownClassesGenerator.changed(classFile, transforms), known);
  }

  @ParameterizedTest
  @MethodSource("ofThisJdk")
  void aClassFileThatDiffersIsNotKnown(List<Transform> transforms) throws IOException {
    byte[] classFile = KnownClassesGenerator.classFile(transforms);
    for (int at = 0; at < classFile.length; at += 97) {
      classFile[at] ^= 1;
      assertNull(KnownClasses.change(classFile, transforms), "at " + at);
      classFile[at] ^= 1;
    }
    byte[] longer = Arrays.copyOf(classFile, classFile.length + 1);
    assertNull(KnownClasses.change(longer, transforms));
  }

  @ParameterizedTest
  @MethodSource("ofThisJdk")
  void otherTransformsAreNotKnown(List<Transform> transforms) throws IOException {
    byte[] classFile = KnownClassesGenerator.classFile(transforms);
    assertNull(KnownClasses.change(classFile, List.of()));
    assertNull(KnownClasses.change(classFile, Transform.ALL));
    for (Transform each : transforms) {
      List<Transform> others = transforms.stream().filter(other -> !other.equals(each)).toList();
      assertNull(KnownClasses.change(classFile, others), each::toString);
    }
  }

  /** One byte of the file differs, each in turn: by a little, and by its sign. */
  @ParameterizedTest
  @ValueSource(bytes = {1, (byte) 0x80})
  void ofAFileThatIsDamagedNothingWrongIsKnown(byte damage) throws IOException {
    assumeThisJdkIsKnown();
    byte[] file = file();
    for (List<Transform> transforms : ofThisJdk()) {
      byte[] classFile = KnownClassesGenerator.classFile(transforms);
      byte[] right = KnownClassesGenerator.changed(classFile, transforms);
      for (int at = 0; at < file.length; at++) {
        file[at] ^= damage;
        byte[] known = KnownClasses.change(file, classFile, transforms);
        assertTrue(known == null || Arrays.equals(right, known), "at " + at);
        file[at] ^= damage;
      }
      assertNotNull(KnownClasses.change(file, classFile, transforms));
    }
  }

  @Test
  void ofAFileThatIsCutNothingWrongIsKnown() throws IOException {
    List<Transform> transforms = ofThisJdk().iterator().next();
    byte[] classFile = KnownClassesGenerator.classFile(transforms);
    byte[] right = KnownClassesGenerator.changed(classFile, transforms);
    byte[] file = file();
    for (int length = 0; length < file.length; length++) {
      byte[] known = KnownClasses.change(Arrays.copyOf(file, length), classFile, transforms);
      assertTrue(known == null || Arrays.equals(right, known), "cut to " + length);
    }
  }
}
