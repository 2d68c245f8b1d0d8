using System.Text;

namespace Nspawn.Core;

/// <summary>Completion for bash(1), with or without the bash-completion package.</summary>
internal static class BashCompletion
{
    public static string Script()
    {
        Option[] all = [.. OptionTable.All];
        string verbs = CompletionScript.Quote(string.Join(' ', Verb.All.Select(verb => verb.Name)));
        Option[] withLetters = [.. all, .. CompletionScript.LaunchVerbs.SelectMany(verb => verb.Options)];
        Option[] withArgument = [.. withLetters.Where(option => option.Form == ArgumentForm.Required)];
        return $$"""
            # Completion of nspawn for bash, made by: nspawn completion bash

            _nspawn_value() { # OPTION VALUE: what the argument may be
                local path words=''
                case $1 in
            {{Cases()}}    esac
                mapfile -t COMPREPLY < <(compgen -W "$words" -- "$2")
            }

            _nspawn_running() { # PREFIX: the machines that run
                local path name
                for path in {{CompletionScript.RunningStates}}; do
                    name=${path%/*} name=${name##*/}
                    [[ $name =~ ^(.*)\.[0-9a-f]{8}$ ]] && name=${BASH_REMATCH[1]}
                    [[ $path == *'*'* || $name != "$1"* ]] || COMPREPLY+=("$name")
                done
            }

            _nspawn_verb() { # OPERANDS OPTIONS CURRENT WORDS: behind a verb about machines
                local operands=$1 options=$2 current=$3 word expects='' seen=0
                shift 3
                for word; do
                    if [[ $expects ]]; then
                        expects=
                    elif [[ $word == -- ]]; then
                        return
                    elif [[ $word == -* ]]; then
                        [[ " $options " == *" $word= "* ]] && expects=$word
                    else
                        seen=$((seen + 1))
                    fi
                done
                if [[ $expects ]]; then
                    _nspawn_value "$expects" "$current"
                elif [[ $seen -gt $operands ]]; then
                    return
                elif [[ $current == --*=* ]]; then
                    _nspawn_value "${current%%=*}" "${current#*=}"
                    [[ $COMP_WORDBREAKS == *=* ]] || COMPREPLY=("${COMPREPLY[@]/#/${current%%=*}=}")
                elif [[ $current == -* ]]; then
                    # A letter's argument is the next word.
                    mapfile -t COMPREPLY < <(for word in $options; do
                        [[ $word != -[!-]= ]] || word=${word%=}
                        [[ $word != "$current"* ]] || printf '%s\n' "$word"
                    done)
                    [[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
                elif [[ $seen == 0 && $operands -gt 0 ]]; then
                    _nspawn_running "$current"
                fi
            }

            _nspawn() {
                local IFS=$' \t\n' options={{Spelled(all)}}
                local words=() word glued='' i current expects=''
                COMPREPLY=()

                # Readline takes words apart at = and :, the launcher does not.
                for ((i = 1; i <= COMP_CWORD; i++)); do
                    word=${COMP_WORDS[i]}
                    if [[ ${#words[@]} -gt 0 && $word && ($glued || $word == [=:]*) ]]; then
                        words[${#words[@]} - 1]+=$word
                    else
                        words+=("$word")
                    fi
                    [[ $word == *[=:] ]] && glued=1 || glued=
                done
                current=${words[${#words[@]} - 1]//\\/}
                words=("${words[@]:0:${#words[@]} - 1}")

                if [[ ${#words[@]} == 0 && $current != -* ]]; then
                    mapfile -t COMPREPLY < <(compgen -W {{verbs}} -- "$current")
                    return
                fi
                case ${words[0]-} in
            {{VerbCases()}}    esac

                # Options end at the first operand: what follows belongs to the container's command.
                for word in "${words[@]}"; do
                    if [[ $expects ]]; then
                        expects=
                    elif [[ $word =~ ^-[{{Letters(withLetters.Except(withArgument))}}]*([{{Letters(withArgument)}}])$ ]]; then
                        expects=-${BASH_REMATCH[1]}
                    elif [[ $word == --?* ]]; then
                        [[ " $options " == *" $word= "* ]] && expects=$word
                    elif [[ $word != -?* || $word == -- ]]; then
                        return
                    fi
                done

                if [[ $expects ]]; then
                    _nspawn_value "$expects" "$current"
                elif [[ $current == --*=* ]]; then
                    _nspawn_value "${current%%=*}" "${current#*=}"
                    [[ $COMP_WORDBREAKS == *=* ]] || COMPREPLY=("${COMPREPLY[@]/#/${current%%=*}=}")
                elif [[ $current == -* ]]; then
                    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
                fi
                if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then
                    compopt -o nospace 2>/dev/null
                fi
            }

            complete -F _nspawn nspawn

            """;
    }

    private static string Spelled(IEnumerable<Option> options) =>
        CompletionScript.Quote(string.Join(' ', options.Select(option =>
            (option.Short is { } letter ? $"-{letter} " : "")
            + $"--{option.Name}{(option.Form == ArgumentForm.Required ? "=" : "")}")));

    private static string Letters(IEnumerable<Option> options) =>
        string.Concat(options.Select(option => option.Short).OfType<char>());

    private static string Cases()
    {
        StringBuilder cases = new();
        IEnumerable<Option> all = OptionTable.All.Concat(
            CompletionScript.MachineVerbs.Concat(CompletionScript.LaunchVerbs).SelectMany(verb => verb.Options)
                .Where(option => option.Values is not null || option.Offer != Offer.Nothing));
        foreach (Option option in all.Where(option => option.Form != ArgumentForm.None))
        {
            string suffix = CompletionScript.WordsAreNames(option) ? "=" : "";
            string words = string.Join(' ', CompletionScript.Words(option).Select(word => word + suffix));
            string? action = words.Length > 0 ? $" words={CompletionScript.Quote(words)} ;;" : Action(option.Offer);
            if (action is not null)
            {
                string letter = option.Short is { } one ? $"-{one} | " : "";
                _ = cases.Append($"        {letter}--{option.Name}){action}\n");
            }
        }

        return cases.ToString();
    }

    private static string? Action(Offer offer) => offer switch
    {
        Offer.Directories => Paths("compgen -d -- \"$2\""),
        // A second field is a path of the container.
        Offer.Files => Paths("[[ $2 == *:* ]] || compgen -f -- \"$2\""),
        // Not as words, which the shell would expand: a name is anybody's.
        Offer.Machines => $$"""

                    for path in {{CompletionScript.MachineDirectories}}/*; do
                        path=${path##*/}
                        [[ $path == '*' || $path != "$2"* ]] || COMPREPLY+=("${path%.raw}")
                    done
                    return ;;
        """,
        _ => null,
    };

    private static string Paths(string listing) => $"""

                    mapfile -t COMPREPLY < <({listing})
                    compopt -o filenames 2>/dev/null
                    return ;;
        """;

    private static string VerbCases() =>
        string.Concat(CompletionScript.LaunchVerbs.Select(verb => $$"""
                    {{verb.Name}}) options+={{CompletionScript.Quote(" " + SpelledWithLetters(verb, letters: false))}} words=("${words[@]:1}") ;;

            """))
        + string.Concat(CompletionScript.MachineVerbs.Select(verb => $$"""
                    {{verb.Name}})
                        _nspawn_verb {{verb.Leading}} {{CompletionScript.Quote(SpelledWithLetters(verb))}} "$current" "${words[@]:1}"
                        return ;;

            """))
        + string.Concat(CompletionScript.WordVerbs.Select(verb => $"""
                    {verb.Name})
                        mapfile -t COMPREPLY < <(compgen -W '{string.Join(' ', verb.Words)}' -- "$current")
                        return ;;

            """))
        + string.Concat(CompletionScript.PathVerbs.Select(verb => $"""
                    {verb.Name})
                        if [[ $current == -* ]]; then
                            mapfile -t COMPREPLY < <(compgen -W {CompletionScript.Quote(OptionsOf(verb).TrimStart())} -- "$current")
                        else
                            mapfile -t COMPREPLY < <(compgen -f -- "$current")
                            compopt -o filenames 2>/dev/null
                        fi
                        return ;;

            """));

    /// <summary>Every spelling, with the sign of an argument, the letters' too.</summary>
    private static string SpelledWithLetters(Verb verb, bool letters = true) => string.Join(' ', verb.Options.Select(option =>
    {
        string sign = option.Form == ArgumentForm.Required ? "=" : "";
        return (letters && option.Short is { } letter ? $"-{letter}{sign} " : "") + $"--{option.Name}{sign}";
    }));

    private static string OptionsOf(Verb verb) => string.Concat(verb.Options.Select(option => $" --{option.Name}"));
}
