using System.Text;

namespace Nspawn.Core;

/// <summary>Completion for zsh(1): a function for its <c>$fpath</c>, or to be evaluated.</summary>
internal static class ZshCompletion
{
    public static string Script() => $$"""
        #compdef nspawn
        # Completion of nspawn for zsh, made by: nspawn completion zsh

        _nspawn_machines() {
            local -a machines
            machines=({{CompletionScript.MachineDirectories}}/*(N:t))
            compadd "$@" - ${machines%.raw}
        }

        _nspawn_running() {
            local -a runs
            runs=({{CompletionScript.RunningStates}}(N:h:t))
            compadd "$@" - ${runs%.{{string.Concat(Enumerable.Repeat("[0-9a-f]", 8))}}}
        }

        _nspawn() {
            local -a options verbs
            options=(
        {{Rows(OptionTable.All)}}    )
            verbs=(
        {{string.Concat(Verb.All.Select(verb => $"        {CompletionScript.Quote($"{verb.Name}:{verb.Help}")}\n"))}}    )
            if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then
                _describe verb verbs
                return
            fi
            case $words[2] in
        {{VerbCases()}}    esac
            # Options end at the first operand.
            _arguments -s -S -A '-*' $options
        }

        if [[ $funcstack[1] == _nspawn ]]; then
            _nspawn "$@"
        else
            compdef _nspawn nspawn
        fi

        """;

    private static string Rows(IEnumerable<Option> options)
    {
        StringBuilder rows = new();
        foreach (Option option in options)
        {
            (string letter, string name) = option.Form switch
            {
                ArgumentForm.Required => ($"-{option.Short}+", $"--{option.Name}="),
                ArgumentForm.Optional => ($"-{option.Short}-", $"--{option.Name}=-"),
                _ => ($"-{option.Short}", $"--{option.Name}"),
            };
            // What has an argument may be repeated.
            string repeat = option.Form != ArgumentForm.None ? "'*'" : option.Short is null ? "" : $"'(-{option.Short} --{option.Name})'";
            string names = option.Short is null ? name : $"{{{letter},{name}}}";
            string rest = $"[{option.Help.Replace("[", "\\[", StringComparison.Ordinal).Replace("]", "\\]", StringComparison.Ordinal)}]{Argument(option)}";
            _ = rows.Append($"        {repeat}{names}{CompletionScript.Quote(rest)}\n");
        }

        return rows.ToString();
    }

    private static string Argument(Option option)
    {
        if (option.Form == ArgumentForm.None)
        {
            return "";
        }

        string words = string.Join(' ', CompletionScript.Words(option));
        string action = words.Length > 0
            ? CompletionScript.WordsAreNames(option) ? $"compadd -q -S= - {words}" : $"({words})"
            : option.Offer switch
            {
                Offer.Directories => "_files -/",
                Offer.Files => "_files",
                Offer.Machines => "_nspawn_machines",
                _ => " ",
            };
        string colon = option.Form == ArgumentForm.Optional ? "::" : ":";
        return $"{colon}{option.Metavar!.Replace(":", "\\:", StringComparison.Ordinal)}:{action}";
    }

    private static string VerbCases() => string.Concat(CompletionScript.LaunchVerbs.Select(verb => $"""
                    {verb.Name})
                        options+=(
                {Rows(verb.Options)}            )
                        shift words
                        ((CURRENT--)) ;;

            """))
        + string.Concat(CompletionScript.MachineVerbs.Select(verb => $"""
                    {verb.Name})
                        options=(
                {Rows(verb.Options)}            )
                        shift words
                        ((CURRENT--))
                        _arguments -s -S $options{(verb.Leading > 0 ? " '1:machine:_nspawn_running' '*:: : '" : "")}
                        return ;;

            """))
        + string.Concat(CompletionScript.WordVerbs.Select(verb => $"""
                    {verb.Name})
                        ((CURRENT == 3)) && compadd - {string.Join(' ', verb.Words)}
                        return ;;

            """))
        + string.Concat(CompletionScript.PathVerbs.Select(verb => $"""
                    {verb.Name})
                        options=(
                {Rows(verb.Options)}                '*:{verb.Operands}:_files'
                        )
                        shift words
                        ((CURRENT--)) ;;

            """));
}
