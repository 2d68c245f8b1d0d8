using System.Text;

namespace Nspawn.Core;

/// <summary>Completion for fish(1).</summary>
internal static class FishCompletion
{
    private const string HexDigits = "{8}";

    public static string Script()
    {
        IEnumerable<Option> known = OptionTable.All.Concat(CompletionScript.LaunchVerbs.SelectMany(verb => verb.Options)).DistinctBy(option => option.Name);
        StringBuilder script = new($"""
            # Completion of nspawn for fish, made by: nspawn completion fish

            # Options end at the first operand: what follows belongs to the container's command.
            function __nspawn_at_option
                set -l words (commandline -opc)[2..]
                contains -- "$words[1]" {string.Join(' ', CompletionScript.PathVerbs.Select(verb => verb.Name))}
                and return 1
                contains -- "$words[1]" {string.Join(' ', CompletionScript.LaunchVerbs.Select(verb => verb.Name))}
                and set -e words[1]
                contains -- -- $words
                and return 1
                argparse -s {string.Join(' ', known.Select(Specification))} -- $words 2>/dev/null
                or return 0
                not set -q argv[1]
            end

            function __nspawn_at_first_word
                test (count (commandline -opc)) = 1
            end

            function __nspawn_behind -a verb
                set -l words (commandline -opc)
                test "$words[2]" = $verb
            end

            function __nspawn_at_machine -a verb
                set -l words (commandline -opc)
                test "$words[2]" = $verb
                and not string match -qv -- '-*' $words[3..]
            end

            function __nspawn_running
                for path in {CompletionScript.RunningStates}
                    string replace -r '.*/(.*?)(\.[0-9a-f]{HexDigits})?/[^/]*$' '$1' $path
                end
            end

            function __nspawn_machines
                for path in {CompletionScript.MachineDirectories}/*
                    string replace -r '.*/(.*?)(\.raw)?$' '$1' $path
                end
            end

            complete -c nspawn -f

            """);
        foreach (Verb verb in Verb.All)
        {
            _ = script.Append($"complete -c nspawn -n __nspawn_at_first_word -a {verb.Name} -d {Quote(verb.Help)}\n");
            foreach (Option option in verb.Options)
            {
                _ = script.Append(Row(option, $"__nspawn_behind {verb.Name}{(verb.TakesLaunch ? "; and __nspawn_at_option" : "")}"));
            }

            if (verb.IsAboutMachines && verb.Leading > 0)
            {
                _ = script.Append($"complete -c nspawn -n '__nspawn_at_machine {verb.Name}' -a '(__nspawn_running)'\n");
            }

            if (!verb.Words.IsEmpty)
            {
                _ = script.Append($"complete -c nspawn -n '__nspawn_behind {verb.Name}' -a {Quote(string.Join(' ', verb.Words))}\n");
            }
        }

        foreach (Verb verb in CompletionScript.PathVerbs)
        {
            _ = script.Append($"complete -c nspawn -n '__nspawn_behind {verb.Name}' -F\n");
        }

        foreach (Option option in OptionTable.All)
        {
            _ = script.Append(Row(option, "__nspawn_at_option"));
        }

        return script.ToString();
    }

    private static string Row(Option option, string condition)
    {
        string letter = option.Short is null ? "" : $" -s {option.Short}";
        return $"complete -c nspawn -n {Quote(condition)}{letter} -l {option.Name} -d {Quote(option.Help)}{Argument(option)}\n";
    }

    private static string Argument(Option option)
    {
        if (option.Form == ArgumentForm.None)
        {
            return "";
        }

        // What is optional fish offers behind "=" only if it is not required.
        string required = option.Form == ArgumentForm.Required ? " -x" : " -f";
        string suffix = CompletionScript.WordsAreNames(option) ? "=" : "";
        string words = string.Join(' ', CompletionScript.Words(option).Select(word => word + suffix));
        return words.Length > 0 ? $"{required} -a {Quote(words)}" : option.Offer switch
        {
            Offer.Directories => $"{required} -a '(__fish_complete_directories)'",
            Offer.Files => " -r -F",
            Offer.Machines => $"{required} -a '(__nspawn_machines)'",
            _ => required,
        };
    }

    private static string Specification(Option option) =>
        (option.Short is null ? "" : $"{option.Short}/") + option.Name
        + option.Form switch { ArgumentForm.Required => "=", ArgumentForm.Optional => "=\\?", _ => "" };

    private static string Quote(string text) =>
        "'" + text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal) + "'";
}
