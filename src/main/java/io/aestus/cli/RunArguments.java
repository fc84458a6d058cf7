package io.aestus.cli;

import io.aestus.Quoted;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The grammar of {@code run} and {@code prepare}, as rkt's users know it: {@code [pod options] IMAGE [its options] [-- its
 * arguments [---]] IMAGE …}. Options after an image are that image's, where it has such an option; {@code --} ends the
 * options, and what follows are the app's own arguments up to a lone {@code ---}.
 *
 * @param pod the words that picocli shall read for the whole pod
 * @param images in their order
 */
record RunArguments(List<String> pod, List<Image> images) {
    /**
     * One image with what was said of it.
     *
     * @param reference a name, ID, path or URL
     * @param options words for picocli, of this app
     * @param arguments appended to what the image executes
     */
    record Image(String reference, List<String> options, List<String> arguments) {
        Image {
            options = List.copyOf(options);
            arguments = List.copyOf(arguments);
        }
    }

    RunArguments {
        pod = List.copyOf(pod);
        images = List.copyOf(images);
    }

    /**
     * Splits the words after the command's name.
     *
     * @param podSpec the options of a pod, global ones included
     * @param appSpec the options that may follow an image
     * @throws WrongUsage for an app's option or arguments before any image
     */
    static RunArguments split(List<String> words, CommandSpec podSpec, CommandSpec appSpec) {
        return new Splitter(podSpec, appSpec).split(words);
    }

    private static final class Splitter {
        private final CommandSpec podSpec;
        private final CommandSpec appSpec;
        private final List<String> pod = new ArrayList<>();
        private final List<Image> images = new ArrayList<>();
        private @Nullable String reference;
        private List<String> options = new ArrayList<>();
        private List<String> arguments = new ArrayList<>();

        Splitter(CommandSpec podSpec, CommandSpec appSpec) {
            this.podSpec = podSpec;
            this.appSpec = appSpec;
        }

        RunArguments split(List<String> words) {
            int at = 0;
            while (at < words.size()) {
                String word = words.get(at);
                if (word.equals("--")) {
                    at = takeArguments(words, at + 1);
                } else if (word.equals("---")) {
                    at++; // ends a list of arguments; alone it means nothing
                } else if (word.length() > 1 && word.startsWith("-")) {
                    at = takeOption(words, at);
                } else {
                    endImage();
                    reference = word;
                    at++;
                }
            }
            endImage();
            return new RunArguments(pod, images);
        }

        private int takeArguments(List<String> words, int from) {
            if (reference == null) {
                throw new WrongUsage(
                        "cannot read the command line: arguments after -- belong to an image, and none was named");
            }
            int end = from;
            while (end < words.size() && !words.get(end).equals("---")) {
                end++;
            }
            arguments.addAll(words.subList(from, end));
            return end;
        }

        private int takeOption(List<String> words, int at) {
            String word = words.get(at);
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            OptionSpec ofApp = appSpec.findOption(name);
            OptionSpec ofPod = podSpec.findOption(name);
            if (reference == null && ofPod == null && ofApp != null) {
                var refusal = new WrongUsage(
                        "cannot apply " + Quoted.of(name) + ": it belongs to an image and must follow one");
                throw name.equals("--name") ? refusal.withRemedy("--pod-name for a name of the pod") : refusal;
            }
            boolean app = reference != null && ofApp != null;
            OptionSpec option = app ? ofApp : ofPod;
            List<String> target = app ? options : pod;
            target.add(word);
            boolean takesNext = option != null && equals < 0 && option.arity().min() > 0;
            if (takesNext && at + 1 < words.size()) {
                target.add(words.get(at + 1));
                return at + 2;
            }
            return at + 1;
        }

        private void endImage() {
            if (reference != null) {
                images.add(new Image(reference, options, arguments));
                options = new ArrayList<>();
                arguments = new ArrayList<>();
            }
        }
    }
}
