using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>
/// Reads words as getopt_long(3) does and writes them again in the one form that System.CommandLine understands the
/// same way: <c>--name=value</c> for every option, <c>--</c>, operands. What differs between the two, and what callers
/// rely on: options end at the first operand, an optional argument is only taken from <c>--name=value</c>, one-letter
/// options cluster (<c>-bqD DIR</c>), long names may be cut short, and the messages.
/// </summary>
public sealed class Getopt
{
    /// <summary>Names of systemd-nspawn that are not known here yet, but would pass for a shortened name that is.</summary>
    private static readonly ImmutableArray<string> s_notAbbreviations = ["system"];

    private readonly ImmutableArray<Option> _options;
    private readonly List<string> _words = [];
    private readonly List<Option> _found = [];
    private readonly List<string> _leadingOperands = [];
    private readonly int _leading;
    private bool _ended;

    private Getopt(ImmutableArray<Option> options, int leading) => (_options, _leading) = (options, leading);

    /// <summary>The words in normal form, and the options that occur in them.</summary>
    public sealed record Line(IReadOnlyList<string> Words, IReadOnlyList<Option> Options);

    /// <param name="args">The words.</param>
    /// <param name="options">The options known.</param>
    /// <param name="leading">So many operands do not end the options.</param>
    public static Line Normalise(ReadOnlySpan<string> args, ImmutableArray<Option> options, int leading = 0)
    {
        Getopt getopt = new(options, leading);
        getopt.Read(args);
        return new Line(getopt._words, getopt._found);
    }

    private void Read(ReadOnlySpan<string> args)
    {
        int next = 0;
        while (next < args.Length && !_ended)
        {
            string word = args[next];
            bool isOperand = word.Length < 2 || word[0] != '-';
            if (isOperand && _leadingOperands.Count == _leading)
            {
                break;
            }

            next++;
            if (isOperand)
            {
                _leadingOperands.Add(word);
                continue;
            }

            if (word == "--")
            {
                break;
            }

            if (word[1] == '-')
            {
                ReadLong(word, args, ref next);
            }
            else
            {
                ReadCluster(word, args, ref next);
            }
        }

        _words.Add("--");
        if (!_ended)
        {
            _words.AddRange(_leadingOperands);
            _words.AddRange(args[next..]);
        }
    }

    private void ReadLong(string word, ReadOnlySpan<string> args, ref int next)
    {
        int equals = word.IndexOf('=');
        string name = equals < 0 ? word[2..] : word[2..equals];
        string? value = equals < 0 ? null : word[(equals + 1)..];
        Option option = FindLong(name);

        if (option.Form == ArgumentForm.None && value is not null)
        {
            throw new UsageException($"option '--{option.Name}' takes no argument");
        }

        if (option.Form == ArgumentForm.Required && value is null)
        {
            value = next < args.Length ? args[next++] : throw MissingArgument($"--{option.Name}");
        }

        Add(option, value);
    }

    /// <summary>One-letter options; the first that takes an argument takes the rest of the word, or the next word.</summary>
    private void ReadCluster(string word, ReadOnlySpan<string> args, ref int next)
    {
        for (int i = 1; i < word.Length && !_ended; i++)
        {
            Option option = FindShort(word[i]);
            if (option.Form != ArgumentForm.Required)
            {
                Add(option, null); // an optional argument is only for the long name: -xD is -x -D
                continue;
            }

            string? rest = i + 1 < word.Length ? word[(i + 1)..] : null;
            if (rest is null)
            {
                rest = next < args.Length ? args[next++] : throw MissingArgument($"-{word[i]}");
            }

            Add(option, rest);
            return;
        }
    }

    private Option FindShort(char letter)
    {
        foreach (Option option in _options)
        {
            if (option.Short == letter)
            {
                return option;
            }
        }

        throw Unrecognized($"-{letter}");
    }

    private Option FindLong(string name)
    {
        Option? match = null;
        List<string> possible = [];
        foreach (Option option in _options)
        {
            if (!option.ShortOnly && (option.Name == name || option.OldName == name))
            {
                return option;
            }

            foreach (string candidate in NamesOf(option))
            {
                if (candidate.StartsWith(name, StringComparison.Ordinal))
                {
                    match = option;
                    possible.Add(candidate);
                    // A name and the old name of the same option are not two possibilities.
                    break;
                }
            }
        }

        if (match is null || name.Length == 0 || s_notAbbreviations.Contains(name))
        {
            throw Unrecognized($"--{name}");
        }

        return possible.Count == 1
            ? match
            : throw new UsageException(
                $"option '--{Message.Printable(name)}' is ambiguous; possibilities: {string.Join(' ', possible.Select(one => $"'--{one}'"))}");
    }

    private static IEnumerable<string> NamesOf(Option option) =>
        option.ShortOnly ? [] : option.OldName is null ? [option.Name] : [option.Name, option.OldName];

    private void Add(Option option, string? value)
    {
        if (!_found.Contains(option))
        {
            _found.Add(option);
        }

        if (string.IsNullOrEmpty(value))
        {
            _words.Add($"--{option.Name}");
            if (value is not null)
            {
                // System.CommandLine reads "--name=" as an option without its argument.
                _words.Add(value);
            }
        }
        else
        {
            _words.Add($"--{option.Name}={value}");
        }

        // Help and version answer at once, whatever comes behind them.
        _ended = option.Text is not null || (value == "help" && option.Values is not null);
    }

    private static UsageException Unrecognized(string spelled) =>
        new($"unrecognized option '{Message.Printable(spelled)}'");

    private static UsageException MissingArgument(string spelled) => new($"option '{spelled}' requires an argument");
}
