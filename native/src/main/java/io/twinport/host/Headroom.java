package io.twinport.host;

/**
 * Room on the stack for what must not stop half-way. An application may call from the very end of
 * its stack: a {@link StackOverflowError} is then to be thrown before anything has begun.
 *
 * <p>A frame has place for all that its method ever keeps across a call, whichever way the method
 * takes. So a way that is taken now and then makes large frames of a few calls that do nothing
 * else. Many small frames cost far more: processors foresee the returns of the last sixteen calls
 * only. The way must be taken sometimes, or the compiler would leave it out.
 */
public final class Headroom {
  /** Each has more than a kilobyte where compiled, and twice that where interpreted. */
  private static final int FRAMES = 10;

  /** One of so many calls keeps what makes the frames large. */
  private static final int CALLS_PER_LARGE = 1_024;

  private static final long[] WORDS = new long[160];

  /** Not exact where threads meet; which calls are counted does not matter. */
  private static int calls;

  private Headroom() {}

  /** Throws the error now if what follows could. */
  public static void ensure() {
    if (descend(FRAMES, ++calls % CALLS_PER_LARGE == 0) != 1) {
      throw new AssertionError("a sum of zeroes");
    }
  }

  // The words could be others after the call, so they have to be kept over it. Too long to be
  // inlined.
  private static long descend(int frames, boolean keeps) {
    if (!keeps) {
      return frames == 0 ? 1 : descend(frames - 1, false);
    }
    final long[] words = WORDS;
    final long v0 = words[0];
    final long v1 = words[1];
    final long v2 = words[2];
    final long v3 = words[3];
    final long v4 = words[4];
    final long v5 = words[5];
    final long v6 = words[6];
    final long v7 = words[7];
    final long v8 = words[8];
    final long v9 = words[9];
    final long v10 = words[10];
    final long v11 = words[11];
    final long v12 = words[12];
    final long v13 = words[13];
    final long v14 = words[14];
    final long v15 = words[15];
    final long v16 = words[16];
    final long v17 = words[17];
    final long v18 = words[18];
    final long v19 = words[19];
    final long v20 = words[20];
    final long v21 = words[21];
    final long v22 = words[22];
    final long v23 = words[23];
    final long v24 = words[24];
    final long v25 = words[25];
    final long v26 = words[26];
    final long v27 = words[27];
    final long v28 = words[28];
    final long v29 = words[29];
    final long v30 = words[30];
    final long v31 = words[31];
    final long v32 = words[32];
    final long v33 = words[33];
    final long v34 = words[34];
    final long v35 = words[35];
    final long v36 = words[36];
    final long v37 = words[37];
    final long v38 = words[38];
    final long v39 = words[39];
    final long v40 = words[40];
    final long v41 = words[41];
    final long v42 = words[42];
    final long v43 = words[43];
    final long v44 = words[44];
    final long v45 = words[45];
    final long v46 = words[46];
    final long v47 = words[47];
    final long v48 = words[48];
    final long v49 = words[49];
    final long v50 = words[50];
    final long v51 = words[51];
    final long v52 = words[52];
    final long v53 = words[53];
    final long v54 = words[54];
    final long v55 = words[55];
    final long v56 = words[56];
    final long v57 = words[57];
    final long v58 = words[58];
    final long v59 = words[59];
    final long v60 = words[60];
    final long v61 = words[61];
    final long v62 = words[62];
    final long v63 = words[63];
    final long v64 = words[64];
    final long v65 = words[65];
    final long v66 = words[66];
    final long v67 = words[67];
    final long v68 = words[68];
    final long v69 = words[69];
    final long v70 = words[70];
    final long v71 = words[71];
    final long v72 = words[72];
    final long v73 = words[73];
    final long v74 = words[74];
    final long v75 = words[75];
    final long v76 = words[76];
    final long v77 = words[77];
    final long v78 = words[78];
    final long v79 = words[79];
    final long v80 = words[80];
    final long v81 = words[81];
    final long v82 = words[82];
    final long v83 = words[83];
    final long v84 = words[84];
    final long v85 = words[85];
    final long v86 = words[86];
    final long v87 = words[87];
    final long v88 = words[88];
    final long v89 = words[89];
    final long v90 = words[90];
    final long v91 = words[91];
    final long v92 = words[92];
    final long v93 = words[93];
    final long v94 = words[94];
    final long v95 = words[95];
    final long v96 = words[96];
    final long v97 = words[97];
    final long v98 = words[98];
    final long v99 = words[99];
    final long v100 = words[100];
    final long v101 = words[101];
    final long v102 = words[102];
    final long v103 = words[103];
    final long v104 = words[104];
    final long v105 = words[105];
    final long v106 = words[106];
    final long v107 = words[107];
    final long v108 = words[108];
    final long v109 = words[109];
    final long v110 = words[110];
    final long v111 = words[111];
    final long v112 = words[112];
    final long v113 = words[113];
    final long v114 = words[114];
    final long v115 = words[115];
    final long v116 = words[116];
    final long v117 = words[117];
    final long v118 = words[118];
    final long v119 = words[119];
    final long v120 = words[120];
    final long v121 = words[121];
    final long v122 = words[122];
    final long v123 = words[123];
    final long v124 = words[124];
    final long v125 = words[125];
    final long v126 = words[126];
    final long v127 = words[127];
    final long v128 = words[128];
    final long v129 = words[129];
    final long v130 = words[130];
    final long v131 = words[131];
    final long v132 = words[132];
    final long v133 = words[133];
    final long v134 = words[134];
    final long v135 = words[135];
    final long v136 = words[136];
    final long v137 = words[137];
    final long v138 = words[138];
    final long v139 = words[139];
    final long v140 = words[140];
    final long v141 = words[141];
    final long v142 = words[142];
    final long v143 = words[143];
    final long v144 = words[144];
    final long v145 = words[145];
    final long v146 = words[146];
    final long v147 = words[147];
    final long v148 = words[148];
    final long v149 = words[149];
    final long v150 = words[150];
    final long v151 = words[151];
    final long v152 = words[152];
    final long v153 = words[153];
    final long v154 = words[154];
    final long v155 = words[155];
    final long v156 = words[156];
    final long v157 = words[157];
    final long v158 = words[158];
    final long v159 = words[159];
    final long below = frames == 0 ? 1 : descend(frames - 1, true);
    return below + v0 + v1 + v2 + v3 + v4 + v5 + v6 + v7 + v8 + v9 + v10 + v11 + v12 + v13 + v14
        + v15 + v16 + v17 + v18 + v19 + v20 + v21 + v22 + v23 + v24 + v25 + v26 + v27 + v28 + v29
        + v30 + v31 + v32 + v33 + v34 + v35 + v36 + v37 + v38 + v39 + v40 + v41 + v42 + v43 + v44
        + v45 + v46 + v47 + v48 + v49 + v50 + v51 + v52 + v53 + v54 + v55 + v56 + v57 + v58 + v59
        + v60 + v61 + v62 + v63 + v64 + v65 + v66 + v67 + v68 + v69 + v70 + v71 + v72 + v73 + v74
        + v75 + v76 + v77 + v78 + v79 + v80 + v81 + v82 + v83 + v84 + v85 + v86 + v87 + v88 + v89
        + v90 + v91 + v92 + v93 + v94 + v95 + v96 + v97 + v98 + v99 + v100 + v101 + v102 + v103
        + v104 + v105 + v106 + v107 + v108 + v109 + v110 + v111 + v112 + v113 + v114 + v115 + v116
        + v117 + v118 + v119 + v120 + v121 + v122 + v123 + v124 + v125 + v126 + v127 + v128 + v129
        + v130 + v131 + v132 + v133 + v134 + v135 + v136 + v137 + v138 + v139 + v140 + v141 + v142
        + v143 + v144 + v145 + v146 + v147 + v148 + v149 + v150 + v151 + v152 + v153 + v154 + v155
        + v156 + v157 + v158 + v159;
  }
}
