package io.twinport.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CaptureQueueTest {
  private final CaptureQueue queue = new CaptureQueue(CaptureQueue.LEAST);

  private long put(int number, int carried) {
    int length = CaptureFormat.HEADER + carried;
    long place = queue.claim(length, true);
    if (place != CaptureQueue.NONE) {
      fill(place, number, carried);
      queue.publish(place, length, true);
    }
    return place;
  }

  private void fill(long place, int number, int carried) {
    byte[] bytes = new byte[carried];
    java.util.Arrays.fill(bytes, (byte) number);
    queue.fill(place, bytes, 0, carried);
    queue.header(place, CaptureFormat.DATA, (byte) 0, 0, number, 0, 0, carried, carried);
  }

  /** The next record's number, whose content is looked at; -1 if there is none. */
  private long take() {
    long place = queue.first();
    if (place == CaptureQueue.NONE) {
      return -1;
    }
    long number = number(place);
    queue.release();
    return number;
  }

  private long number(long place) {
    ByteBuffer record = ByteBuffer.allocate(CaptureFormat.LONGEST);
    queue.copy(place, record);
    record.flip();
    assertEquals(record.getInt(CaptureFormat.LENGTH), record.limit());
    long number = record.getLong(CaptureFormat.CONNECTION);
    for (int i = CaptureFormat.HEADER; i < record.limit(); i++) {
      assertEquals((byte) number, record.get(i));
    }
    return number;
  }

  @Test
  void givesRecordsInTheirOrderAroundTheRing() {
    int put = 0;
    int taken = 0;
    while (taken < 10_000) {
      int size = ThreadLocalRandom.current().nextInt(CaptureFormat.SEGMENT);
      if (put(put, size) != CaptureQueue.NONE) {
        put++;
      } else {
        assertTrue(put - taken >= 20, "it is full with few records");
        assertEquals(taken++, take());
      }
    }
  }

  @Test
  void keepsRoomForWhatIsNotData() {
    while (put(1, 1000) != CaptureQueue.NONE) {
      assertFalse(queue.isEmpty());
    }
    assertNotEquals(CaptureQueue.NONE, queue.claim(CaptureFormat.HEADER, false));
  }

  @Test
  void whatIsClaimedFirstIsTakenFirst() {
    long first = queue.claim(CaptureFormat.HEADER + 3, true);
    put(2, 5);
    assertEquals(-1, take());
    fill(first, 1, 3);
    queue.publish(first, CaptureFormat.HEADER + 3, true);
    assertEquals(1, take());
    assertEquals(2, take());
    assertTrue(queue.isDrained());
  }

  @Test
  void whatFollowsByALinkIsTakenWithItsLeader() {
    long leader = queue.claim(CaptureFormat.HEADER, true);
    put(9, 1);
    long follower = queue.claim(CaptureFormat.HEADER + 7, true);
    fill(follower, 5, 7);
    queue.link(leader, follower);
    queue.publish(follower, CaptureFormat.HEADER + 7, false);
    queue.publish(leader, CaptureFormat.HEADER, true);
    assertEquals(leader, queue.first());
    assertEquals(0, queue.length(leader));
    assertEquals(follower, queue.follower(leader));
    assertEquals(5, number(follower));
    assertEquals(CaptureQueue.NONE, queue.follower(follower));
    queue.release();
    assertEquals(9, take());
    assertEquals(-1, take());
    assertTrue(queue.isDrained());
  }

  @Test
  void takesNothingOnceItIsClosed() {
    put(1, 1);
    queue.close();
    assertEquals(CaptureQueue.NONE, put(2, 1));
    assertEquals(1, take());
    assertTrue(queue.isDrained());
  }

  @Test
  void manyThreadsPutAndOneTakes() throws Exception {
    int threads = 4;
    int each = 50_000;
    List<Thread> producers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int first = i * each;
      Thread thread = new Thread(() -> putAll(first, each), "producer");
      thread.start();
      producers.add(thread);
    }
    long[] next = new long[threads];
    for (int taken = 0; taken < threads * each; ) {
      long number = take();
      if (number < 0) {
        queue.await(100_000);
      } else {
        int thread = (int) number / each;
        assertEquals(thread * (long) each + next[thread]++, number);
        taken++;
      }
    }
    for (Thread producer : producers) {
      producer.join();
    }
    assertTrue(queue.isDrained());
  }

  private void putAll(int first, int count) {
    for (int i = 0; i < count; ) {
      if (put(first + i, (first + i) % 200) != CaptureQueue.NONE) {
        i++;
      } else {
        Thread.onSpinWait();
      }
    }
  }
}
