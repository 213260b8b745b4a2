package io.twinport.config;

import java.util.Collection;

/** What somebody may have meant who has written something else. */
public final class Spelling {
  /** No name has so many letters. */
  private static final int MOST_LETTERS = 64;

  private Spelling() {}

  /**
   * The name that is nearest to a word: up to a third of its letters may be added, left out,
   * replaced, or swapped with the next.
   *
   * @return null if none is near enough
   */
  public static String nearest(String word, Collection<String> names) {
    if (word.length() > MOST_LETTERS) {
      return null;
    }
    String nearest = null;
    int least = Math.max(1, word.length() / 3) + 1;
    for (String name : names) {
      if (name.isEmpty() || !Character.isLetterOrDigit(name.charAt(name.length() - 1))) {
        continue; // The beginning of names.
      }
      int distance = distance(word, name);
      if (distance < least
          || (distance == least && nearest != null && name.compareTo(nearest) < 0)) {
        nearest = name;
        least = distance;
      }
    }
    return nearest;
  }

  /** That of Damerau and Levenshtein, with no letter changed twice. */
  static int distance(String a, String b) {
    int[][] rows = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          rows[i][j] = i + j;
          continue;
        }
        int replaced = rows[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int least = Math.min(replaced, Math.min(rows[i - 1][j], rows[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          least = Math.min(least, rows[i - 2][j - 2] + 1);
        }
        rows[i][j] = least;
      }
    }
    return rows[a.length()][b.length()];
  }
}
