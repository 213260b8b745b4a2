package io.twinport.agent.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ControlJsonTest {
  @Test
  void whatIsWrittenIsRead() {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("number", -42L);
    value.put("yes", true);
    value.put("nothing", null);
    value.put("empty", List.of());
    value.put("none", Map.of());
    value.put("list", new ArrayList<>(Arrays.asList("a", 1L, null, Map.of("b", "c"))));
    assertEquals(value, ControlJson.parse(ControlJson.write(value)));
  }

  @Test
  void everyCharacterSurvives() {
    StringBuilder all = new StringBuilder();
    for (int c = 0; c <= Character.MAX_VALUE; c++) {
      all.append((char) c);
    }
    String json = ControlJson.write(all.toString());
    assertEquals(all.toString(), ControlJson.parse(json));
    assertEquals(0, json.chars().filter(c -> c < ' ' || c == 0x7f).count(), "raw controls");
  }

  @Test
  void quotesAsOthersDo() {
    assertEquals("\"a\\\"b\\\\c\\u000a\"", ControlJson.write("a\"b\\c\n"));
    assertEquals(
        "{\"k\":[1,\"two\",null]}", ControlJson.write(Map.of("k", Arrays.asList(1L, "two", null))));
    assertEquals("a/\b\f\n\r\tA", ControlJson.parse("\"a\\/\\b\\f\\n\\r\\t\\u0041\""));
  }

  @Test
  void spacesDoNotCount() {
    assertEquals(Map.of("a", List.of(1L, 2L)), ControlJson.parse(" { \"a\" :\n[ 1 ,\t2 ] } \r\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[1",
        "[1,",
        "[1,]",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "\"",
        "\"\\",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\x\"",
        "nul",
        "1.5",
        "--1",
        "99999999999999999999",
        "[] []",
        "[[[[[[[[[[[[[[[[["
      })
  void whatIsNoJsonIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> ControlJson.parse(text));
  }

  @Test
  void nothingElseIsWritten() {
    assertThrows(IllegalArgumentException.class, () -> ControlJson.write(List.of(1.5)));
  }
}
