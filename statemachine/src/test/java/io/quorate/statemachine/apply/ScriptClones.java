package io.quorate.statemachine.apply;

import io.quorate.v1.CloneSpec;
import io.quorate.v1.Promotable;
import java.util.List;

/**
 * The words of scripts for clones: {@code clone db of:pg max:3 promotable}. Further ones are {@code unique}, {@code stopped},
 * {@code per-node:2}, {@code promoted:2} (the most promoted copies) and {@code promoted-per-node:2}.
 */
final class ScriptClones {
    private ScriptClones() {}

    static CloneSpec.Builder spec(List<String> words) {
        CloneSpec.Builder spec = CloneSpec.newBuilder()
                .setGloballyUnique(words.contains("unique"))
                .setStopped(words.contains("stopped"));
        if (words.contains("promotable")) {
            spec.setPromotable(Promotable.getDefaultInstance());
        }
        for (String word : words) {
            String value = word.substring(word.indexOf(':') + 1);
            switch (word.substring(0, Math.max(0, word.indexOf(':')))) {
                case "of" -> spec.setOf(value);
                case "max" -> spec.setMax(Integer.parseInt(value));
                case "per-node" -> spec.setMaxPerNode(Integer.parseInt(value));
                case "promoted" -> spec.getPromotableBuilder().setMax(Integer.parseInt(value));
                case "promoted-per-node" -> spec.getPromotableBuilder().setMaxPerNode(Integer.parseInt(value));
                default -> {}
            }
        }
        return spec;
    }
}
