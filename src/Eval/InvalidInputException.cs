namespace Serve.Eval;

/// <summary>
/// The input given by a user (a file, an option, a model, a request) cannot be used. The message says what was given, what is
/// allowed and where. The command line ends with exit code 2, the server answers with a 4xx problem document.
/// </summary>
public class InvalidInputException : Exception
{
    /// <summary>Creates the exception with a message for the user.</summary>
    public InvalidInputException(string message) : base(message)
    {
    }

    /// <summary>Creates the exception with a message for the user and the fault behind it.</summary>
    public InvalidInputException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
