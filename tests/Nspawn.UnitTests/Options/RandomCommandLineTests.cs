using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

/// <summary>Whatever is thrown at the parsers, the answer is settings or one line that says what is wrong.</summary>
public class RandomCommandLineTests
{
    private const int Seed = 20250613;
    private const int Rounds = 20_000;

    // What the syntaxes are made of, so that random words come close to valid ones.
    private static readonly string[] s_pieces =
    [
        "-", "--", "=", ":", "/", "\\", ",", ".", "..", "+", "~", " ", "@", "\"", "'", "[", "]", "\n", "\0", "\u00e4", "\ud83d\ude00", "\ud800",
        "0", "1", "9", "64", "65536", "99999999999999999999", "0x", "e", "a", "Z", "_", "K", "M", "E", "min", "infinity", "yes", "no", "help",
        "CAP_", "chown", "all", "SIG", "RTMIN", "NOFILE", "STACK", "CPU", "NICE", "norbind", "idmap", "\\x", "\\u", "\\0", "/proc", ".slice",
    ];

    [Fact]
    public void Any_argument_of_any_option_is_taken_or_refused_in_one_line()
    {
        Random random = new(Seed);
        for (int i = 0; i < Rounds; i++)
        {
            Option option = OptionTable.All[random.Next(OptionTable.All.Length)];
            TakenOrRefused([$"--{option.Name}={Word(random)}"]);
        }
    }

    [Fact]
    public void Any_words_are_taken_or_refused_in_one_line()
    {
        Random random = new(Seed);
        for (int i = 0; i < Rounds; i++)
        {
            TakenOrRefused([.. Enumerable.Range(0, random.Next(6)).Select(_ => random.Next(3) == 0 ? SomeOption(random) : Word(random))]);
        }
    }

    [Fact]
    public void What_stands_behind_two_dashes_arrives_as_it_is()
    {
        Random random = new(Seed);
        for (int i = 0; i < Rounds / 10; i++)
        {
            string[] operands = [.. Enumerable.Range(0, random.Next(6)).Select(_ => Word(random))];

            Assert.Equal(operands, Commands.Launch(["-q", "--", .. operands]).Arguments.AsEnumerable());
        }
    }

    [Fact]
    public void Every_argument_reaches_its_option_as_it_is()
    {
        Random random = new(Seed);
        for (int i = 0; i < Rounds / 10; i++)
        {
            string value = Word(random);

            Assert.Equal([$"A={value}", $"B={value}"], Commands.Launch("-E", $"A={value}", $"--setenv=B={value}").Environment.AsEnumerable());
            Assert.Equal(["-q"], Commands.Launch("-E", $"A={value}", "--", "-q").Arguments.AsEnumerable());
        }
    }

    private static void TakenOrRefused(string[] args)
    {
        try
        {
            Commands.Complete(Commands.Parse(args));
        }
        catch (UsageException refusal)
        {
            Assert.DoesNotContain('\n', refusal.Message);
            Assert.InRange(refusal.Message.Length, 1, 1000);
        }
        catch (Exception other)
        {
            Assert.Fail($"{string.Join(" | ", args)}: {other}");
        }
    }

    private static string Word(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => s_pieces[random.Next(s_pieces.Length)]));

    private static string SomeOption(Random random)
    {
        Option option = OptionTable.All[random.Next(OptionTable.All.Length)];
        return random.Next(3) switch
        {
            0 when option.Short is { } letter => $"-{letter}",
            1 => $"--{option.Name[..random.Next(1, option.Name.Length)]}",
            _ => $"--{option.Name}",
        };
    }
}
