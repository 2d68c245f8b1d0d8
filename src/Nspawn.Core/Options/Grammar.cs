using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;

namespace Nspawn.Core;

/// <summary>The option table and the verbs as System.CommandLine knows them; it parses and completes.</summary>
public static class Grammar
{
    private const string OperandsName = "COMMAND";

    // Response files would make "@word" of a container's command a file of the host.
    private static readonly ParserConfiguration s_configuration = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };

    /// <summary>Parses normalised words. Of the launch's options only those that occur are built: it is on the way of every launch.</summary>
    public static ParseResult Parse(Verb? verb, Getopt.Line line) =>
        Root(verb, line.Options).Parse(verb is null ? line.Words : [verb.Name, .. line.Words], s_configuration);

    public static ImmutableArray<string> Operands(ParseResult result) => [.. result.GetValue<string[]>(OperandsName) ?? []];

    /// <summary>The options in the order they were given in: later ones change what earlier ones asked for.</summary>
    public static IEnumerable<Assignment> Assignments(ParseResult result, IReadOnlyList<Option> options)
    {
        for (int i = 0; i < result.Tokens.Count && result.Tokens[i].Type != TokenType.DoubleDash; i++)
        {
            if (result.Tokens[i].Type != TokenType.Option)
            {
                continue;
            }

            string name = result.Tokens[i].Value[2..];
            bool hasValue = i + 1 < result.Tokens.Count && result.Tokens[i + 1].Type == TokenType.Argument;
            yield return new Assignment(options.First(option => option.Name == name), hasValue ? result.Tokens[i + 1].Value : null);
        }
    }

    private static Command Root(Verb? verb, IReadOnlyList<Option> options)
    {
        Command root = new("nspawn");
        Command command = root;
        if (verb is not null)
        {
            command = new Command(verb.Name, verb.Help);
            root.Add(command);
        }

        foreach (Option option in verb is null ? options : verb.Options.Union(options))
        {
            command.Add(Symbol(option));
        }

        command.Add(new Argument<string[]>(OperandsName) { Arity = ArgumentArity.ZeroOrMore, CustomParser = Words, DefaultValueFactory = Words });
        return root;
    }

    private static System.CommandLine.Option Symbol(Option option)
    {
        string name = $"--{option.Name}";
        return option.Form == ArgumentForm.None
            ? new Option<bool>(name) { Description = option.Help, Arity = ArgumentArity.Zero }
            : new Option<string[]>(name)
            {
                Description = option.Help,
                HelpName = option.Metavar,
                Arity = option.Form == ArgumentForm.Optional ? ArgumentArity.ZeroOrMore : ArgumentArity.OneOrMore,
                CustomParser = Words,
            };
    }

    // Left to itself the parser makes such arrays by reflection, at every launch.
    private static string[] Words(ArgumentResult result)
    {
        string[] words = new string[result.Tokens.Count];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = result.Tokens[i].Value;
        }

        return words;
    }
}
