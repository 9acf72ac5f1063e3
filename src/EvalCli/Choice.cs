using Serve.Eval;

namespace Serve.EvalCli;

/// <summary>An option that takes one of a few words.</summary>
internal static class Choice
{
    /// <summary>What a word stands for.</summary>
    /// <param name="option">The option, in messages.</param>
    /// <param name="name">The word that was given.</param>
    /// <param name="choices">What is allowed.</param>
    /// <exception cref="InvalidInputException">It is none of them; the message lists them.</exception>
    public static T Of<T>(string option, string name, Dictionary<string, T> choices) => choices.TryGetValue(name, out var value)
        ? value
        : throw new InvalidInputException($"{option}: got {name}, allowed are {string.Join(", ", choices.Keys)}.");
}
