package io.twinport.config;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * A file that a user has named: settings, rules. What is no ordinary file is not opened, as a pipe
 * or a device may never end; nor is a file of a size that no such file has.
 */
public final class TextFile {
  private static final int MOST_BYTES = 1 << 20;

  private TextFile() {}

  /**
   * Reads a properties file.
   *
   * @param complaints takes the reason, in a few words, if it can't be read
   * @return what is in it; empty if it can't be read
   */
  public static Map<String, String> properties(String path, List<String> complaints) {
    Properties properties = new Properties();
    Map<String, String> values = new HashMap<>();
    try {
      properties.load(new StringReader(read(path)));
    } catch (IOException | IllegalArgumentException e) { // The latter: no number behind \\u.
      complaints.add(e.getMessage());
      return values;
    }
    for (String name : properties.stringPropertyNames()) {
      values.put(name, properties.getProperty(name));
    }
    return values;
  }

  /**
   * Reads all of it, as UTF-8.
   *
   * @throws IOException saying in a few words, without the name, why not
   */
  public static String read(String path) throws IOException {
    File file = new File(path);
    if (!file.exists()) { // Also for a name that no file can have.
      throw new IOException("there is no such file");
    }
    if (!file.isFile()) {
      throw new IOException("it is no ordinary file");
    }
    if (!file.canRead()) {
      throw new IOException("this user may not read it");
    }
    byte[] bytes;
    try (FileInputStream in = new FileInputStream(file)) {
      bytes = in.readNBytes(MOST_BYTES + 1);
    }
    if (bytes.length > MOST_BYTES) {
      throw new IOException("it is larger than " + MOST_BYTES + " bytes");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException("it is not UTF-8", e);
    }
  }
}
