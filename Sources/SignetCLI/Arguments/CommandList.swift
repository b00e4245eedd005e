/// All commands, in the order of the overview.
enum CommandList {
    static let all: [CommandDeclaration] = [
        InitCommand.declaration,
        DemoCommand.declaration,
        KeysGenerateCommand.declaration,
        KeysPublicCommand.declaration,
        KeysInspectCommand.declaration,
        KeysRotateCommand.declaration,
        KeysPromoteCommand.declaration,
        KeysRetireCommand.declaration,
        SignCommand.declaration,
        VerifyCommand.declaration,
        InspectCommand.declaration,
        ExplainCommand.declaration,
        CheckCommand.declaration,
        MigrateStatusCommand.declaration,
        MigratePreviewCommand.declaration,
        MigrateStepCommand.advance,
        MigrateStepCommand.back,
        MigrateReportCommand.declaration,
        ServeCommand.declaration,
        CallersCreateCommand.declaration,
        AuditVerifyCommand.declaration,
        VendorsCommand.declaration,
        CompletionsCommand.declaration,
    ]
}
