package io.twinport.shm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Where words lie, which of them share a cache line, and that neither changes unnoticed. */
final class LinkLayoutTest {
  /** A word of shared memory. */
  private record Word(String name, int at, int bytes) {}

  /** The words of a slot, by the line that {@link LinkLayout} says they are on. */
  private static final Map<Integer, List<Word>> SLOT =
      Map.of(
          LinkLayout.WRITERS_LINE,
          List.of(
              new Word("TAIL", LinkLayout.TAIL, 8),
              new Word("STATE", LinkLayout.STATE, 8),
              new Word("EXTENT_COUNT", LinkLayout.EXTENT_COUNT, 8)),
          LinkLayout.READERS_LINE,
          List.of(new Word("HEAD", LinkLayout.HEAD, 8)),
          LinkLayout.WAITERS_LINE,
          List.of(
              new Word("READ_ARM", LinkLayout.READ_ARM, 8),
              new Word("READ_SEAT", LinkLayout.READ_SEAT, 8),
              new Word("SPACE_ARM", LinkLayout.SPACE_ARM, 8),
              new Word("SPACE_SEAT", LinkLayout.SPACE_SEAT, 8),
              new Word("CONNECT_ARM", LinkLayout.CONNECT_ARM, 8),
              new Word("VERDICT", LinkLayout.VERDICT, 8),
              new Word("URGENT_INLINE", LinkLayout.URGENT_INLINE, 8)),
          LinkLayout.REQUEST_LINE,
          List.of(
              new Word("PERMIT", LinkLayout.PERMIT, 4),
              new Word("PORT", LinkLayout.PORT, 4),
              new Word("FAMILY", LinkLayout.FAMILY, 4),
              new Word("ADDRESS", LinkLayout.ADDRESS, LinkLayout.ADDRESS_BYTES),
              new Word("CLAIM", LinkLayout.CLAIM, 8)));

  /** The words of a control segment's header: a line each. */
  private static final List<Word> HEADER =
      List.of(
          new Word("RING_TAIL", LinkLayout.RING_TAIL, 8),
          new Word("RING_HEAD", LinkLayout.RING_HEAD, 8),
          new Word("PUSHES", LinkLayout.PUSHES, 8));

  private static int lineOf(int at) {
    return at / LinkLayout.LINE_BYTES;
  }

  @Test
  void wordsOfASlotAreOnTheLinesThatAreSaid() {
    SLOT.forEach(
        (line, words) -> {
          assertEquals(0, line % LinkLayout.LINE_BYTES, "line at " + line);
          for (Word word : words) {
            assertEquals(lineOf(line), lineOf(word.at), word.name);
            assertEquals(lineOf(line), lineOf(word.at + word.bytes - 1), word.name);
          }
        });
    assertEquals(
        SLOT.size(), SLOT.keySet().stream().map(LinkLayoutTest::lineOf).distinct().count());
  }

  @Test
  void wordsAreAlignedAndDoNotOverlap() {
    List<Word> slot = new ArrayList<>();
    SLOT.values().forEach(slot::addAll);
    slot.add(
        new Word(
            "EXTENT_TABLE", LinkLayout.EXTENT_TABLE, LinkLayout.EXTENTS * LinkLayout.EXTENT_BYTES));
    for (List<Word> all : List.of(slot, HEADER)) {
      TreeMap<Integer, Word> byPlace = new TreeMap<>();
      for (Word word : all) {
        assertEquals(
            0, word.at % Math.min(word.bytes, word.name.equals("ADDRESS") ? 4 : 8), word.name);
        assertEquals(null, byPlace.put(word.at, word), word.name);
      }
      int end = 0;
      for (Word word : byPlace.values()) {
        assertTrue(word.at >= end, word.name);
        end = word.at + word.bytes;
      }
    }
    assertEquals(
        LinkLayout.SLOT_BYTES,
        LinkLayout.EXTENT_TABLE + LinkLayout.EXTENTS * LinkLayout.EXTENT_BYTES);
  }

  @Test
  void neitherSlotsNorSeatsNorTheRingShareALine() {
    assertEquals(HEADER.size(), HEADER.stream().map(word -> lineOf(word.at)).distinct().count());
    assertTrue(lineOf(LinkLayout.RING) > lineOf(LinkLayout.PUSHES));
    assertEquals(lineOf(LinkLayout.RING_HEAD), lineOf(LinkLayout.RESTING));
    for (int slots = LinkLayout.MIN_SLOTS; slots <= LinkLayout.MAX_SLOTS; slots *= 2) {
      assertTrue(LinkLayout.slotOffset(slots, 0) >= LinkLayout.RING + slots * Integer.BYTES);
      for (int slot = 0; slot < slots; slot++) {
        assertEquals(0, LinkLayout.slotOffset(slots, slot) % LinkLayout.LINE_BYTES);
      }
      assertTrue(LinkLayout.slotOffset(slots, slots) <= LinkLayout.halfBytes(slots));
    }
    assertEquals(0, LinkLayout.SEAT_BYTES % LinkLayout.LINE_BYTES);
    assertTrue(LinkLayout.RUNG_FROM + Integer.BYTES <= LinkLayout.SEAT_BYTES);
  }

  /** Peers of another build rely on this as long as the version is the same. */
  @Test
  void theFifthVersionIsWhatItWas() {
    assertEquals(5, LinkLayout.WIRE_VERSION);
    assertEquals(28_672, LinkLayout.halfBytes(64));
    assertEquals(401_408, LinkLayout.halfBytes(1024));
    assertEquals(65_536, LinkLayout.BOARD_BYTES);
    assertEquals(8, LinkLayout.RUNG_FROM);
    int[] header = {LinkLayout.RING_TAIL, LinkLayout.RING_HEAD, LinkLayout.PUSHES, LinkLayout.RING};
    assertEquals(List.of(0, 64, 128, 192), boxed(header));
    assertEquals(72, LinkLayout.RESTING);
    int[] slot = {
      LinkLayout.TAIL,
      LinkLayout.STATE,
      LinkLayout.EXTENT_COUNT,
      LinkLayout.HEAD,
      LinkLayout.READ_ARM,
      LinkLayout.READ_SEAT,
      LinkLayout.SPACE_ARM,
      LinkLayout.SPACE_SEAT,
      LinkLayout.CONNECT_ARM,
      LinkLayout.VERDICT,
      LinkLayout.URGENT_INLINE,
      LinkLayout.PERMIT,
      LinkLayout.PORT,
      LinkLayout.FAMILY,
      LinkLayout.ADDRESS,
      LinkLayout.CLAIM,
      LinkLayout.EXTENT_TABLE,
      LinkLayout.SLOT_BYTES
    };
    assertEquals(
        List.of(0, 8, 16, 64, 128, 136, 144, 152, 160, 168, 176, 192, 196, 200, 204, 224, 256, 384),
        boxed(slot));
    int[] others = {LinkLayout.UNCLAIMABLE, LinkLayout.GRANTED, LinkLayout.CLAIMED};
    assertEquals(List.of(224, 0, 0), boxed(others));
  }

  private static List<Integer> boxed(int[] numbers) {
    List<Integer> all = new ArrayList<>();
    for (int number : numbers) {
      all.add(number);
    }
    return all;
  }
}
